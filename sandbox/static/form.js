// What a person has filled in, kept apart from the drawing: values survive a redraw where block_id and action_id stay
// the same (as Slack keeps them over views.update), and become `state.values` of the payload.

/** The values of one surface (a view, or a message). */
export class Form {
  /** `stored` is state.values as the server knows it, e.g. after a reload of the page. */
  constructor(stored = {}) {
    this.kept = structuredClone(stored ?? {});
    this.fields = new Map();
  }

  /** Forget what is drawn, not what was filled in. */
  beginDrawing() {
    this.fields.clear();
  }

  /**
   * A field is drawn. `initial` is its value in Slack's form without the type, e.g. {value: 'x'}.
   * `check` says what is wrong with the value, or null. Returns the value to show.
   */
  add(blockId, actionId, type, initial, { required = false, check = () => null } = {}) {
    const kept = this.kept[blockId]?.[actionId];
    const known = kept && kept.type === type;
    const value = known ? kept : { type, ...initial };
    this.fields.set(`${blockId}\n${actionId}`, { blockId, actionId, required, check });
    this.#keep(blockId, actionId, value);
    return value;
  }

  /** The person changed a field. */
  set(blockId, actionId, type, value) {
    this.#keep(blockId, actionId, { type, ...value });
  }

  #keep(blockId, actionId, value) {
    this.kept[blockId] = { ...this.kept[blockId], [actionId]: value };
  }

  /** `state.values` of what is drawn now. */
  values() {
    const values = {};
    for (const { blockId, actionId } of this.fields.values()) {
      values[blockId] = { ...values[blockId], [actionId]: this.kept[blockId][actionId] };
    }
    return structuredClone(values);
  }

  /** block_id → what Slack's client says before it sends anything. */
  problems() {
    const found = {};
    for (const { blockId, actionId, required, check } of this.fields.values()) {
      const value = this.kept[blockId][actionId];
      const problem = isEmpty(value) ? (required ? 'Please complete this required field.' : null) : check(value);
      if (problem) found[blockId] = problem;
    }
    return found;
  }
}

function isEmpty({ type, ...parts }) {
  return Object.values(parts).every((part) => part === null || part === undefined || part === '' || part.length === 0);
}
