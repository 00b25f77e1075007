// Times in the acting person's zone. Slack stamps are seconds since 1970 as text; the sandbox clock is ISO 8601 in UTC.

const DAY_MS = 86_400_000;
const formats = new Map();

function format(date, zone, options) {
  const key = `${zone}|${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...options }));
  return formats.get(key).format(date);
}

/** The zone itself if this browser knows it, else UTC. */
export function knownZone(zone) {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: zone });
    return zone || 'UTC';
  } catch {
    return 'UTC';
  }
}

/** "Europe/Amsterdam" → "Amsterdam". */
export function zoneCity(zone) {
  return String(zone ?? 'UTC').split('/').pop().replace(/_/g, ' ');
}

export const stampDate = (ts) => new Date(Number.parseFloat(ts) * 1000);
export const timeOf = (date, zone) => format(date, zone, { hour: '2-digit', minute: '2-digit', hour12: false });
export const timeWithSeconds = (date, zone) =>
  format(date, zone, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
export const weekdayDate = (date, zone) => format(date, zone, { weekday: 'short', day: 'numeric', month: 'short' });

/** "2026-03-02": the local calendar day. */
export function localDay(date, zone) {
  const parts = fields(date, zone);
  return `${parts.year}-${pad(parts.month)}-${pad(parts.day)}`;
}

const pad = (number) => String(number).padStart(2, '0');

function fields(date, zone) {
  const text = format(date, zone, {
    year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
  });
  const [day, month, year, hour, minute, second] = text.match(/\d+/g).map(Number);
  return { year, month, day, hour, minute, second };
}

function daysBetween(date, now, zone) {
  return Math.round((Date.parse(localDay(date, zone)) - Date.parse(localDay(now, zone))) / DAY_MS);
}

function relativeDay(date, now, zone) {
  return { '-1': 'yesterday', 0: 'today', 1: 'tomorrow' }[daysBetween(date, now, zone)] ?? null;
}

function ordinal(day) {
  if (day > 10 && day < 14) return `${day}th`;
  return `${day}${{ 1: 'st', 2: 'nd', 3: 'rd' }[day % 10] ?? 'th'}`;
}

const monthName = (date, zone, width) => format(date, zone, { month: width });

function dateWords(date, zone, width) {
  const { day, year } = fields(date, zone);
  const month = monthName(date, zone, width === 'short' ? 'short' : 'long');
  const words = width === 'short' ? `${month} ${day}, ${year}` : `${month} ${ordinal(day)}, ${year}`;
  return width === 'full' ? `${format(date, zone, { weekday: 'long' })}, ${words}` : words;
}

function ago(date, now) {
  const seconds = Math.round((now - date) / 1000);
  const [size, unit] = [[86400, 'day'], [3600, 'hour'], [60, 'minute'], [1, 'second']].find(
    ([length]) => Math.abs(seconds) >= length,
  ) ?? [1, 'second'];
  const count = Math.round(Math.abs(seconds) / size);
  const words = `${count} ${unit}${count === 1 ? '' : 's'}`;
  return seconds >= 0 ? `${words} ago` : `in ${words}`;
}

/** Fill Slack's date tokens ({date_short_pretty}, {time} ...) for one moment; unknown tokens stay visible. */
export function dateTokens(pattern, seconds, zone, now) {
  const date = new Date(seconds * 1000);
  const pretty = (width) => relativeDay(date, now, zone) ?? dateWords(date, zone, width);
  const tokens = {
    date_num: () => localDay(date, zone),
    date_slash: () => localDay(date, zone).replaceAll('-', '/'),
    date: () => dateWords(date, zone, 'long'),
    date_short: () => dateWords(date, zone, 'short'),
    date_long: () => dateWords(date, zone, 'full'),
    date_pretty: () => pretty('long'),
    date_short_pretty: () => pretty('short'),
    date_long_pretty: () => pretty('full'),
    day_divider_pretty: () => pretty('full'),
    time: () => timeOf(date, zone),
    time_secs: () => timeWithSeconds(date, zone),
    ago: () => ago(date, now),
  };
  const filled = String(pattern).replace(/\{(\w+)\}/g, (whole, name) => tokens[name]?.() ?? whole);
  return /^\{(date|day)\w*_pretty\}/.test(pattern) ? filled.charAt(0).toUpperCase() + filled.slice(1) : filled;
}

/** The words on a day divider: "Today", "Yesterday", "Monday, March 2nd". */
export function dayTitle(date, zone, now) {
  const near = relativeDay(date, now, zone);
  if (near) return near.charAt(0).toUpperCase() + near.slice(1);
  const words = dateWords(date, zone, 'full');
  return fields(date, zone).year === fields(now, zone).year ? words.replace(/, \d{4}$/, '') : words;
}

/** "in 40 s", "in 12 min", "in 3 h 05 min", "in 2 days". */
export function until(date, now) {
  const seconds = Math.max(0, Math.round((date - now) / 1000));
  if (seconds < 60) return `in ${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `in ${minutes} min`;
  if (minutes < 24 * 60) return `in ${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
  const days = Math.floor(minutes / 1440);
  return `in ${days} day${days === 1 ? '' : 's'}`;
}

/** Unix seconds → "2026-03-02T09:00", wall clock in `zone`, as a datetime-local field wants it. */
export function toWallClock(seconds, zone) {
  const parts = fields(new Date(seconds * 1000), zone);
  return `${parts.year}-${pad(parts.month)}-${pad(parts.day)}T${pad(parts.hour)}:${pad(parts.minute)}`;
}

/** Wall clock in `zone` → unix seconds; two rounds settle the offset on both sides of a clock change. */
export function fromWallClock(text, zone) {
  const wanted = Date.parse(`${text}:00Z`);
  let guess = wanted;
  for (let round = 0; round < 2; round += 1) {
    guess += wanted - Date.parse(`${toWallClock(guess / 1000, zone)}:00Z`);
  }
  return Math.round(guess / 1000);
}
