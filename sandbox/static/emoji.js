// Shortcodes to Unicode. An unknown code stays as it was typed. Discs and squares are drawn by the page itself, and where
// no font of the machine has a symbol, its name is shown instead.

import { el } from './dom.js';

const TABLE = `
+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|heavy_check_mark ✔️|white_check_mark ✅|ballot_box_with_check ☑️|x ❌|eyes 👀
raised_hands 🙌|clap 👏|pray 🙏|wave 👋|ok_hand 👌|muscle 💪|point_right 👉|point_up ☝️|handshake 🤝|raised_hand ✋
tada 🎉|rocket 🚀|fire 🔥|heart ❤️|green_heart 💚|blue_heart 💙|100 💯|star ⭐|sparkles ✨|trophy 🏆
smile 😄|smiley 😃|grinning 😀|slightly_smiling_face 🙂|wink 😉|joy 😂|thinking_face 🤔|neutral_face 😐|confused 😕
disappointed 😞|cry 😢|sob 😭|sweat_smile 😅|sunglasses 😎|face_with_thermometer 🤒|sleeping 😴|facepalm 🤦|shrug 🤷
warning ⚠️|rotating_light 🚨|no_entry ⛔|no_entry_sign 🚫|octagonal_sign 🛑|construction 🚧|exclamation ❗|question ❓
heavy_exclamation_mark ❗|grey_question ❔|information_source ℹ️|bangbang ‼️|red_circle 🔴|large_yellow_circle 🟡
large_green_circle 🟢|large_orange_circle 🟠|large_blue_circle 🔵|white_circle ⚪|black_circle ⚫|large_purple_circle 🟣
large_green_square 🟩|large_yellow_square 🟨|large_red_square 🟥|large_orange_square 🟧|white_large_square ⬜
black_large_square ⬛|small_red_triangle 🔺|small_red_triangle_down 🔻|arrow_up ⬆️|arrow_down ⬇️|arrow_right ➡️
arrow_left ⬅️|arrow_upper_right ↗️|arrow_lower_right ↘️|arrows_counterclockwise 🔄|repeat 🔁|heavy_minus_sign ➖
heavy_plus_sign ➕|calendar 📅|date 📅|spiral_calendar_pad 🗓️|clock1 🕐|clock9 🕘|clock10 🕙|alarm_clock ⏰|stopwatch ⏱️
timer_clock ⏲️|hourglass ⌛|hourglass_flowing_sand ⏳|bell 🔔|no_bell 🔕|mega 📣|loudspeaker 📢|speech_balloon 💬
memo 📝|pencil 📝|pencil2 ✏️|clipboard 📋|bar_chart 📊|chart_with_upwards_trend 📈|chart_with_downwards_trend 📉
page_facing_up 📄|page_with_curl 📃|scroll 📜|file_folder 📁|open_file_folder 📂|file_cabinet 🗄️|card_index_dividers 🗂️
bookmark 🔖|label 🏷️|link 🔗|paperclip 📎|pushpin 📌|round_pushpin 📍|triangular_flag_on_post 🚩|checkered_flag 🏁
lock 🔒|unlock 🔓|key 🔑|shield 🛡️|mag 🔍|mag_right 🔎|bulb 💡|gear ⚙️|wrench 🔧|hammer 🔨|hammer_and_wrench 🛠️
package 📦|email 📧|envelope ✉️|incoming_envelope 📨|inbox_tray 📥|outbox_tray 📤|telephone_receiver 📞|computer 💻
desktop_computer 🖥️|floppy_disk 💾|bug 🐛|robot_face 🤖|ladder 🪜|scales ⚖️|dart 🎯|traffic_light 🚦|vertical_traffic_light 🚦
sunny ☀️|sunrise 🌅|sunrise_over_mountains 🌄|city_sunset 🌇|night_with_stars 🌃|mailbox 📫|mailbox_with_mail 📬|moneybag 💰|abacus 🧮
compass 🧭|raised_hand_with_fingers_splayed 🖐️|writing_hand ✍️|thought_balloon 💭|left_speech_bubble 🗨️|lock_with_ink_pen 🔏|test_tube 🧪
partly_sunny ⛅|cloud ☁️|rain_cloud 🌧️|zap ⚡|snowflake ❄️|rainbow 🌈|crescent_moon 🌙|palm_tree 🌴|beach_with_umbrella 🏖️
coffee ☕|pizza 🍕|cake 🍰|birthday 🎂|airplane ✈️|house 🏠|office 🏢|factory 🏭|busts_in_silhouette 👥|bust_in_silhouette 👤
one 1️⃣|two 2️⃣|three 3️⃣|four 4️⃣|five 5️⃣|six 6️⃣|seven 7️⃣|eight 8️⃣|nine 9️⃣|keycap_ten 🔟|zero 0️⃣
blush 😊|see_no_evil 🙈|sos 🆘|new 🆕|up 🆙|ok 🆗|soon 🔜|end 🔚|no_good 🙅|ok_woman 🙆|raising_hand 🙋|man-shrugging 🤷
white_flag 🏳️|door 🚪|recycle ♻️|infinity ♾️|globe_with_meridians 🌐|earth_africa 🌍|flag-de 🇩🇪|flag-gb 🇬🇧|flag-in 🇮🇳
`;

const EMOJI = new Map(
  TABLE.trim().split(/[|\n]/).map((entry) => {
    const cut = entry.indexOf(' ');
    return [entry.slice(0, cut), entry.slice(cut + 1)];
  }),
);

const NAMES = new Map([...EMOJI].reverse().map(([name, symbol]) => [symbol, name]));

/** What the page draws itself: states are told by these. */
const DISCS = {
  '🔴': 'red', '🟠': 'orange', '🟡': 'yellow', '🟢': 'green', '🔵': 'blue', '🟣': 'purple', '⚪': 'white', '⚫': 'black',
};
const SQUARES = { '🟥': 'red', '🟧': 'orange', '🟨': 'yellow', '🟩': 'green', '⬜': 'white', '⬛': 'black' };

/** Shown first where a person picks a reaction. */
export const FREQUENT = [
  '+1', 'white_check_mark', 'eyes', 'raised_hands', 'tada', 'heart', 'pray', 'rocket', 'clap', 'smile', 'thinking_face',
  'sob', 'warning', 'rotating_light', 'red_circle', 'large_yellow_circle', 'large_green_circle', 'hourglass_flowing_sand',
  'x', '-1', 'wave', 'ok_hand', 'handshake', 'bulb',
];

/** The Unicode text for a shortcode without colons (skin tones are ignored), or null when we do not know it. */
export function emoji(name) {
  return EMOJI.get(String(name).replace(/::skin-tone-\d$/, '')) ?? null;
}

/** Replace every known :code: in plain text. */
export function withEmoji(text) {
  return String(text ?? '').replace(/:([a-z0-9_+'-]+)(?:::skin-tone-\d)?:/g, (whole, name) => emoji(name) ?? whole);
}

/** Names whose code contains `query`, those that begin with it first. */
export function findEmoji(query, limit = 24) {
  const wanted = query.toLowerCase().replace(/:/g, '').replace(/ /g, '_');
  if (!wanted) return FREQUENT;
  const names = [...EMOJI.keys()].filter((name) => name.includes(wanted));
  return names.sort((a, b) => Number(b.startsWith(wanted)) - Number(a.startsWith(wanted))).slice(0, limit);
}

/** An emoji with its name for screen readers. */
export function emojiNode(name, symbol = emoji(name)) {
  if (!symbol) return document.createTextNode(`:${name}:`);
  return el('span', {
    class: `emoji ${drawnAs(symbol)}`.trim(), role: 'img', 'aria-label': name.replace(/[_-]/g, ' '), title: `:${name}:`,
    'data-name': `:${name}:`,
  }, symbol);
}

/** Plain text as nodes: symbols that need drawing, or a name, become elements; everything else stays text. */
export function withSymbols(text) {
  return String(text ?? '').split(/([\u231a-\u23ff\u25a0-\u27bf\u2b00-\u2bff\u{1f000}-\u{1faff}]\ufe0f?)/u).filter(Boolean).map((part) => {
    const name = NAMES.get(part);
    return name && drawnAs(part) ? emojiNode(name, part) : part;
  });
}

/** Whether some font of this machine has the symbol. */
export function isInFonts(symbol) {
  if (!known.has(symbol)) known.set(symbol, picture(symbol) !== picture(NOWHERE));
  return known.get(symbol);
}

function drawnAs(symbol) {
  if (DISCS[symbol]) return `disc ${DISCS[symbol]}`;
  if (SQUARES[symbol]) return `disc square ${SQUARES[symbol]}`;
  return isInFonts(symbol) ? '' : 'named';
}

const NOWHERE = '\u{f0000}';
const known = new Map();
let pencil = null;

function picture(symbol) {
  pencil ??= el('canvas', { width: 24, height: 24 }).getContext('2d', { willReadFrequently: true });
  pencil.clearRect(0, 0, 24, 24);
  pencil.font = '16px sans-serif';
  pencil.textBaseline = 'top';
  pencil.fillText(symbol, 0, 2);
  return pencil.getImageData(0, 0, 24, 24).data.join();
}
