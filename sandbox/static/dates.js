// Date, time and date-time fields: the browser's own pickers, in the acting person's zone.

import { el } from './dom.js';
import { bind, words } from './binding.js';
import { fromWallClock, toWallClock, zoneCity } from './time.js';

/** datepicker: selected_date is YYYY-MM-DD. */
export function dateInput(element, block, ctx, field) {
  return picker(element, block, ctx, field, 'date', 'selected_date', element.initial_date);
}

/** timepicker: selected_time is HH:mm. */
export function timeInput(element, block, ctx, field) {
  return picker(element, block, ctx, field, 'time', 'selected_time', element.initial_time);
}

function picker(element, block, ctx, field, type, key, initial) {
  const { value, change } = bind(element, block, ctx, { [key]: initial ?? null });
  const zone = type === 'time' && element.timezone ? zoneNote(element.timezone) : null;
  const node = el('input', {
    'aria-label': words(element.placeholder) || `Choose a ${type}`, ...field, type, class: 'field short', value: value[key] ?? '',
    'data-autofocus': element.focus_on_load, on: { change: () => change({ [key]: node.value || null }, node) },
  });
  return el('span', { class: 'field-wrap inline' }, node, zone);
}

/** datetimepicker: selected_date_time is unix seconds. */
export function dateTimeInput(element, block, ctx, field) {
  const { zone } = ctx.env;
  const { value, change } = bind(element, block, ctx, { selected_date_time: element.initial_date_time ?? null });
  const node = el('input', {
    'aria-label': 'Choose a date and a time', ...field, type: 'datetime-local', class: 'field short',
    value: value.selected_date_time ? toWallClock(value.selected_date_time, zone) : '',
    'data-autofocus': element.focus_on_load,
    on: { change: () => change({ selected_date_time: node.value ? fromWallClock(node.value, zone) : null }, node) },
  });
  return el('span', { class: 'field-wrap inline' }, node, zoneNote(zone));
}

const zoneNote = (zone) => el('small', { class: 'zone-note' }, `${zoneCity(zone)} time`);
