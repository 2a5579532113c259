'use strict';
// What the script adds to the page: it works without. Recorded text is only ever read and compared;
// nothing here makes markup of text.

const root = document.documentElement;
const story = document.getElementById('story');
const byId = (id) => document.getElementById(id);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

/** Opens everything that hides an element, and returns what had to be opened. */
function reveal(element) {
  const opened = [];
  for (let at = element.parentElement; at; at = at.parentElement) {
    if (at.localName === 'details' && !at.open) {
      at.open = true;
      opened.push(at);
    }
  }
  return opened;
}

/** Brings an element into view, and the keyboard to it. */
function visit(element) {
  reveal(element);
  const own = element.querySelector(':scope > details');
  if (own) own.open = true;
  const target = own ? own.firstElementChild : element;
  if (!own) element.tabIndex = -1;
  target.scrollIntoView({ block: 'center' });
  target.focus({ preventScroll: true });
}

function visitFragment() {
  // Anchors are plain ASCII; what somebody else put there may not even be decodable.
  const target = location.hash.length > 1 && byId(location.hash.slice(1));
  if (target && target !== story) visit(target);
}

// Links and the browser's own way to fragments do not open what is folded in every browser.
addEventListener('hashchange', visitFragment);
document.addEventListener('click', (event) => {
  const link = event.target.closest('a[href^="#"]');
  if (link && link.hash === location.hash) visitFragment();
});
// The time of a row is its link; so is the key # while a row has the keyboard.
story.addEventListener('click', (event) => {
  const row = event.target.closest('i')?.closest('li[id]');
  if (!row || getSelection().toString()) return;
  event.preventDefault();
  location.hash = row.id;
});

story.addEventListener('keydown', (event) => {
  const row = event.key === '#' && event.target.closest('li[id]');
  if (row) location.hash = row.id;
});

// Times: every <i> is one, in seconds from the first alert. Its class says if the time of day, in
// whole ms, is 1 ms later or earlier than those add up to.

const zeroMs = Number(root.dataset.zero);
/** The cells with times, and what they show at first. */
const cells = new Map(all('i').filter((cell) => !Number.isNaN(Number(cell.textContent)))
  .map((cell) => [cell, cell.textContent]));

/** A cell's time in ms from the first alert; not a number if it has none. */
function msOf(cell) {
  const shift = { l: 1, e: -1 }[cell.className] ?? 0;
  return Math.round(Number(cells.get(cell)) * 1000) + shift;
}

/** Time of day of a time in ms from the first alert: 02:12:07.123. */
function clock(ms, zone) {
  const date = new Date(zeroMs + ms);
  const shift = zone === 'local' ? date.getTimezoneOffset() * 60_000 : 0;
  return new Date(date.getTime() - shift).toISOString().slice(11, 23);
}

function showTimes(kind) {
  root.dataset.times = kind;
  cells.forEach((text, cell) => {
    cell.firstChild.data = kind === 'relative' ? text : clock(msOf(cell), kind);
  });
}

const times = all('input[name="times"]');
times.forEach((choice) => choice.addEventListener('change', () => showTimes(choice.value)));
const remembered = times.find((choice) => choice.checked && choice.value !== 'relative');
if (remembered) showTimes(remembered.value);

document.addEventListener('pointerover', (event) => {
  const cell = event.target.closest?.('i');
  if (cells.has(cell)) cell.title = `${clock(msOf(cell), 'utc')} UTC`;
});

// Folding

function foldAll(open) {
  all('details:not(.output)', story).forEach((details) => { details.open = open; });
}

byId('unfold').addEventListener('click', () => foldAll(true));
byId('fold').addEventListener('click', () => foldAll(false));

// Printing shows what was unfolded at first and all alerts, whatever was folded since.
const matters = all('.more, .session[open], .p:not(.by) > details[open]');
let folded = [];
addEventListener('beforeprint', () => {
  folded = matters.filter((details) => !details.open);
  folded.forEach((details) => { details.open = true; });
});
addEventListener('afterprint', () => folded.forEach((details) => { details.open = false; }));

// Light and dark

const themes = ['system', 'light', 'dark'];

function showTheme(theme) {
  root.dataset.theme = theme;
  byId('theme').ariaLabel = byId('theme').title = `Theme: ${theme}`;
}

byId('theme').addEventListener('click', () => {
  const next = themes[(themes.indexOf(root.dataset.theme) + 1) % themes.length];
  showTheme(next);
  // A file has no storage of its own in some browsers.
  try { localStorage.setItem('watchkeeper-theme', next); } catch { /* not remembered */ }
});

function rememberedTheme() {
  try { return localStorage.getItem('watchkeeper-theme'); } catch { return null; }
}

showTheme(themes.includes(rememberedTheme()) ? rememberedTheme() : 'system');
byId('bar').hidden = false;
if (location.hash) visitFragment();
