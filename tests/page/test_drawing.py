"""What the page draws: every block and element, mrkdwn, dates in the person's zone, and hostile text as text."""

import pytest
from playwright.async_api import expect

from sandbox import seed
from tests.page import gallery
from tests.page.conftest import Sandbox

pytestmark = [pytest.mark.page, pytest.mark.xdist_group("page"), pytest.mark.asyncio(loop_scope="session")]

HOSTILE = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script> &lt;b&gt; <@U0INES>"
# mrkdwn, and what the page makes of it with the tags it may use.
CASES = [
    ("*bold* _italic_ ~strike~ `code`", "<strong>bold</strong> <em>italic</em> <s>strike</s> <code>code</code>"),
    ("*bold _both_*", "<strong>bold <em>both</em></strong>"),
    ("2*3*4 snake_case_name a * b * c", "2*3*4 snake_case_name a * b * c"),
    ("`*not bold*`", "<code>*not bold*</code>"),
    ("```a *b*\n&lt;c&gt;```", "<pre>a *b*\n&lt;c&gt;</pre>"),
    ("open ``` fence", "open ``` fence"),
    ("&gt; quoted\n&gt; more\nafter", "<blockquote>quoted<br>more</blockquote>after"),
    ("&amp;lt;b&amp;gt; &lt;b&gt; &quot;", "&amp;lt;b&amp;gt; &lt;b&gt; &amp;quot;"),
    ("&lt;@U0INES&gt; &lt;!here&gt;", "&lt;@U0INES&gt; &lt;!here&gt;"),
    ("<https://a.test/?x=1&amp;y=2|see>", '<a href="https://a.test/?x=1&amp;y=2">see</a>'),
    ("<javascript:alert(1)|see>", "&lt;javascript:alert(1)|see&gt;"),
    ("<!subteam^S1|@oncall> <!here>", "<span>@oncall</span> <span>@here</span>"),
    ("<@U0INES> <@U0NOBODY>", "<span>@Ines Moreau</span> <span>@U0NOBODY</span>"),
    ("<!date^1795420800^{date_num} {time}|x>", "<time>2026-11-23 09:00</time>"),
    ("<!date^1795420800^{date_long_pretty} at {time}|x>", "<time>Today at 09:00</time>"),
    ("<!date^oops^{time}|fallback>", "fallback"),
    (":tada: :no_such_emoji: 10:30:45", "<span>🎉</span> :no_such_emoji: 10:30:45"),
]
DRAW = """async (cases) => {
  const { mrkdwn } = await import('/static/mrkdwn.js');
  const env = {
    person: (id) => (id === 'U0INES' ? { real_name: 'Ines Moreau' } : undefined), channel: () => undefined,
    me: 'U0INES', zone: 'Europe/Paris', now: () => new Date('2026-11-23T12:00:00Z'),
  };
  return cases.map((text) => {
    const box = document.createElement('div');
    box.append(...mrkdwn(text, env));
    for (const node of box.querySelectorAll('*')) {
      for (const name of node.getAttributeNames()) if (name !== 'href') node.removeAttribute(name);
    }
    return box.innerHTML;
  });
}"""


async def test_mrkdwn_becomes_what_slack_makes_of_it(sandbox: Sandbox) -> None:
    page = await sandbox.open()

    drawn = await page.evaluate(DRAW, [text for text, _ in CASES])

    assert dict(zip([text for text, _ in CASES], drawn, strict=True)) == dict(CASES)


async def test_every_block_of_a_message_is_drawn(sandbox: Sandbox) -> None:
    await sandbox.post(gallery.MESSAGE)
    page = await sandbox.open()
    message = page.locator(".message").last

    assert await message.locator(".unsupported").count() == 0
    assert await message.locator("h3").inner_text() == "📋 Daily stand-up"
    assert await message.locator(".fields > div").count() == 2
    assert await message.locator(".actions .button").all_inner_texts() == ["Answer", "Skip", ""]
    assert await message.locator("input[type=date]").input_value() == "2026-11-25"
    assert await message.locator(".rich li").all_inner_texts() == ["backup", "restore", "on tape"]
    assert await message.locator(".rich .mention").all_inner_texts() == ["@Vera Iyer", "#northwind-brightlane", "@here"]
    assert await message.locator(".markdown [role=heading]").inner_text() == "Findings"
    assert await message.locator(".markdown li li").inner_text() == "shared accounts"
    assert await message.locator(".block-table td").all_inner_texts() == ["Response", "95 %"]
    assert await message.locator("figure img").get_attribute("alt") == "Trend of the month"


async def test_an_unknown_block_says_so(sandbox: Sandbox) -> None:
    ts = await sandbox.post(gallery.MESSAGE[:1])
    sandbox.ws.channels[seed.SHARED].messages[ts]["blocks"].append({"type": "hologram", "block_id": "h"})
    page = await sandbox.open()

    assert await page.locator(".unsupported").inner_text() == "Unsupported block: hologram"


async def test_every_field_of_a_modal_is_drawn_and_sent_as_slack_sends_it(sandbox: Sandbox) -> None:
    sandbox.app.opens(gallery.modal(gallery.FIELDS))
    await sandbox.post(gallery.MESSAGE[4:5])
    page = await sandbox.open()
    await page.click("[data-action=answer]")
    modal = page.get_by_role("dialog", name="Your check-in")

    await modal.get_by_label("What got done?").fill("Patched both stores")
    await modal.get_by_label("At risk").check()
    await modal.get_by_label("Tell my lead").check()
    await modal.get_by_role("combobox", name="Topic:").click()
    await page.get_by_role("option", name="Backup").click()
    await modal.get_by_role("combobox", name="Topics:").click()
    await page.get_by_role("option", name="Network").click()
    await page.keyboard.press("Escape")
    await modal.get_by_role("combobox", name="Who must act?").press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await modal.get_by_label("Hours").fill("3")
    await modal.get_by_label("Moment").fill("2026-11-24T18:30")
    await modal.get_by_role("button", name="Send").click()
    sent = (await sandbox.app.hears("view_submission"))["view"]["state"]["values"]

    values = {block: value["a"] for block, value in sent.items()}
    assert values["done"] == {"type": "plain_text_input", "value": "Patched both stores"}
    assert values["going"]["selected_option"]["value"] == "at-risk"
    assert [option["value"] for option in values["also"]["selected_options"]] == ["tell-my-lead"]
    assert values["topic"]["selected_option"]["value"] == "backup"
    assert [option["value"] for option in values["topics"]["selected_options"]] == ["cost", "network"]
    assert values["who"] == {"type": "users_select", "selected_user": seed.OLAF}
    assert values["team"] == {"type": "multi_users_select", "selected_users": []}
    assert values["by"] == {"type": "datepicker", "selected_date": "2026-11-27"}
    assert values["at"] == {"type": "timepicker", "selected_time": "09:30"}
    assert values["moment"] == {"type": "datetimepicker", "selected_date_time": 1795541400}
    assert values["hours"] == {"type": "number_input", "value": "3"}
    assert values["mail"] == {"type": "email_text_input", "value": None}


async def test_hostile_text_is_shown_as_text(sandbox: Sandbox) -> None:
    vera = sandbox.server.person(seed.VERA)
    await vera.posts(seed.SHARED, HOSTILE)
    await sandbox.post(
        [{"type": "section", "text": gallery.plain(HOSTILE)}, {"type": "markdown", "text": HOSTILE}], text="x"
    )
    page = await sandbox.open()

    shown = await page.locator(".message .text").inner_text()
    assert shown == HOSTILE.replace("<@U0INES>", "@Ines Moreau")
    assert await page.locator(".message .section-text").inner_text() == HOSTILE
    assert await page.locator(".message img, .message script, .message b").count() == 0
    assert await page.title() == "Ines Moreau · Northwind Retail"


async def test_states_have_their_colour_on_a_machine_without_emoji(sandbox: Sandbox) -> None:
    await sandbox.post(text="🔴 Open · ✅ done · :large_green_circle: fine · 🟥 late")
    page = await sandbox.open()

    red, green, square = (page.get_by_role("img", name=name) for name in ("red circle", "large green circle", "red sq"))

    for disc, colour in ((red, "rgb(214, 46, 60)"), (green, "rgb(39, 163, 90)"), (square, "rgb(214, 46, 60)")):
        await expect(disc.first).to_have_css("background-color", colour)
    await expect(page.locator(".messages").first).to_contain_text("🔴 Open · ✅ done")


async def test_a_symbol_that_no_font_has_is_shown_by_its_name(sandbox: Sandbox) -> None:
    page = await sandbox.open()

    found = await page.evaluate(
        "import('/static/emoji.js').then(({ isInFonts }) => [isInFonts('A'), isInFonts('\\u{f0001}')])"
    )

    assert found == [True, False]
