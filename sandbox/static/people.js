// How people look: avatars, company badges, side and role.

import { el } from './dom.js';
import { timeOf, knownZone, zoneCity } from './time.js';

// Each holds white text at 4.5:1 or better.
const COLOURS = ['#1d6f8a', '#8a3b6b', '#3d6b2f', '#8a4b14', '#4a4fa3', '#a13333', '#0f6b5c', '#6b4a9e', '#5c5a1a', '#2b5f9e'];

function colourOf(person) {
  const own = `#${String(person.color ?? '').replace('#', '')}`;
  if (/^#[0-9a-f]{6}$/i.test(own) && luminance(own) < 0.18) return own;
  const sum = [...person.id].reduce((total, char) => total * 31 + char.charCodeAt(0), 7) >>> 0;
  return COLOURS[sum % COLOURS.length];
}

function luminance(hex) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** "Vera Lindt" → "VL". */
export function initials(name) {
  const parts = String(name ?? '?').trim().split(/\s+/);
  return (parts[0][0] + (parts.length > 1 ? parts.at(-1)[0] : '')).toUpperCase();
}

export const nameOf = (person) => person?.real_name || person?.name || person?.id || 'Somebody';
export const firstName = (person) => nameOf(person).split(' ')[0];

/** A square with initials; people of another company carry that company's initial at the corner. */
export function avatar(person, store, size = 36) {
  const team = store.isForeign(person) && !person.is_bot ? store.team(person.team_id) : null;
  const badge = team && el('span', { class: 'avatar-company', title: team.name }, initials(team.name)[0]);
  return el('span', { class: person.is_bot ? 'avatar bot' : 'avatar', 'aria-hidden': 'true', style: { '--size': `${size}px`, '--tint': colourOf(person) } },
    initials(nameOf(person)), badge);
}

/** Which side somebody stands on, in words. */
export function sideOf(person, store) {
  if (person.guest) return 'Guest';
  return person.external ?? !store.team(person.team_id)?.home ? 'Provider' : 'In-house';
}

/** "09:12 Kolkata". */
export function localTime(person, now) {
  const zone = knownZone(person.tz);
  return `${timeOf(now, zone)} ${zoneCity(zone)}`;
}

/** The marks behind an author's name. */
export function badges(person, store) {
  const foreign = store.isForeign(person) && !person.is_bot;
  return [
    person.is_bot && el('span', { class: 'badge' }, 'APP'),
    foreign && el('span', { class: 'badge company' }, store.team(person.team_id)?.name ?? 'External'),
    person.guest && el('span', { class: 'badge' }, 'Guest'),
  ];
}
