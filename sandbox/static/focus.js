// Redraws replace nodes; the person's focus and caret go on where they were.

const STOPS = 'button, a[href], input, select, textarea, [tabindex="0"]';

/** Note what has the focus inside `root`; call the result after the redraw. */
export function rememberFocus(root) {
  const held = document.activeElement;
  if (!held || held === root || !root.contains(held)) return () => {};
  const block = held.closest('[data-block-id], [data-ts]');
  const find = blockSelector(block);
  const at = [...(block ?? root).querySelectorAll(STOPS)].indexOf(held);
  const caret = 'selectionStart' in held ? [held.selectionStart, held.selectionEnd] : null;
  return () => {
    if (held.isConnected) {
      held.focus({ preventScroll: true });
      return;
    }
    const place = find ? root.matches(find) ? root : root.querySelector(find) : root;
    const next = place?.querySelectorAll(STOPS)[at];
    next?.focus({ preventScroll: true });
    restoreCaret(next, caret);
  };
}

function blockSelector(block) {
  if (!block) return null;
  const { blockId, ts } = block.dataset;
  return blockId ? `[data-block-id="${CSS.escape(blockId)}"]` : `[data-ts="${CSS.escape(ts)}"]`;
}

function restoreCaret(field, caret) {
  if (!field || !caret || caret[0] === null) return;
  try {
    field.setSelectionRange(...caret);
  } catch {
    // Number, date and e-mail fields have no caret to set.
  }
}
