"""What counts as thanks. Pure: a message is taken for a courtesy only if every word of it is one."""

import re

_WORDS_OF_THANKS = """
thank thanks thankyou thx tnx tx ty tysm tks cheers ta appreciated appreciate merci danke dank gracias grazie
obrigado obrigada tack takk kiitos dziękuję dzięki děkuji díky bedankt dhanyavad dhanyavaad shukriya
спасибо 谢谢 ありがとう धन्यवाद
"""
_WORDS_OF_CONTENT = """
ok okay okey fine great good perfect excellent super awesome brilliant wonderful cool nice lovely noted understood clear
got sounds works done yes yep yeah sure alright right
"""
_SMALL_WORDS = """
you u all again everyone both team much many very so lots lot of a really indeed i we me us it is was that this the your
for to and quick fast prompt swift kind reply answer response feedback update info information help now then have day
evening weekend makes sense beaucoup vielen schön muchas mille je wel
"""
_THANKS = frozenset(_WORDS_OF_THANKS.split())
_AGREES = frozenset(_WORDS_OF_CONTENT.split())
"""What who asked says when they are content, and who was asked may well say as the whole answer."""
_FILLERS = frozenset(_SMALL_WORDS.split())
"""Say nothing by themselves."""
_AGREE_SIGNS = frozenset(
    ["👍", "👌", "✅", "☑", "✔", "🆗", "+1", "thumbsup", "ok_hand", "ok", "white_check_mark", "heavy_check_mark"]
)
_SHORTCODE = re.compile(r":([a-z0-9_+'-]{1,40}):(?:skin-tone-\d:)?")
_HANDLE = re.compile(r"@(?:[UW][A-Z0-9]{2,20}|\S+)")
_PHRASES = re.compile(r"\bwill do\b|(?<!\S)\+1(?!\S)", re.I)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_LONGEST = 120


def is_thanks(text: str) -> bool:
    """Nothing but thanks, or signs that agree to nothing (🙏): no answer, whoever says it."""
    words, signs = _parts(text)
    if words is None or signs & _AGREE_SIGNS:
        return False
    said = set(words)
    return said <= _THANKS | _FILLERS and (not words or bool(said & _THANKS))


def is_courtesy(text: str) -> bool:
    """Nothing but thanks or content: "ok, thanks", "perfect", a thumb. It asks for nothing more."""
    words, _ = _parts(text)
    if words is None:
        return False
    said = set(words)
    return said <= _THANKS | _AGREES | _FILLERS and (not words or bool(said & (_THANKS | _AGREES)))


def _parts(text: str) -> tuple[list[str] | None, set[str]]:
    """The words in lower case, and the signs; None for what is empty (a file alone), too long, or asks something."""
    if not text.strip() or len(text) > _LONGEST or "?" in text or "？" in text:
        return None, set()
    bare = _PHRASES.sub(" ok ", _HANDLE.sub(" ", text))
    signs = set(_SHORTCODE.findall(bare)) | {char for char in bare if char in _AGREE_SIGNS}
    return [word.casefold() for word in _WORD.findall(_SHORTCODE.sub(" ", bare))], signs
