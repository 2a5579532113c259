'use strict';
(() => {
  const table = document.getElementById('findings');
  const controls = document.getElementById('controls');
  if (!table || !controls) return;
  const rows = [...table.tBodies[0].rows];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const make = (name, of = {}) => Object.assign(document.createElement(name), of);

  const find = make('input', { type: 'search', id: 'find', placeholder: 'Package, name, file' });
  find.setAttribute('aria-label', 'Find in findings');
  const shown = make('output', { id: 'shown' });
  const levels = [...new Set(rows.map((row) => row.dataset.level))];
  const boxes = levels.map((level) => make('input', { type: 'checkbox', checked: true, value: level }));
  const fixable = make('input', { type: 'checkbox', id: 'fixable' });
  const exploited = make('input', { type: 'checkbox', id: 'exploited' });
  const origin = make('select', { id: 'origin' });
  origin.setAttribute('aria-label', 'Which layers they are of');
  for (const [value, text] of [['', 'base and own'], ['base', 'of the base'], ['own', 'of own layers']]) {
    origin.append(make('option', { value, textContent: text }));
  }
  const none = make('p', { id: 'none', textContent: 'No finding is like that. ' });
  const clear = make('button', { type: 'button', id: 'clear', textContent: 'Show all findings' });
  none.append(clear);
  table.after(none);

  const apply = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    let count = 0;
    rows.forEach((row, at) => {
      const is = wanted.has(row.dataset.level)
        && words.every((word) => texts[at].includes(word))
        && (!fixable.checked || !row.cells[4].querySelector('i'))
        && (!exploited.checked || row.dataset.kev !== undefined)
        && (!origin.value || row.dataset.origin === origin.value);
      row.hidden = !is;
      if (is) count += 1;
    });
    shown.textContent = `${count} of ${rows.length}`;
    table.hidden = count === 0;
    none.hidden = count !== 0;
  };
  const labelled = (box, text) => {
    const label = make('label');
    label.append(box, ` ${text}`);
    box.addEventListener('change', apply);
    return label;
  };
  find.addEventListener('input', apply);
  clear.addEventListener('click', () => {
    find.value = '';
    origin.value = '';
    for (const box of boxes) box.checked = true;
    fixable.checked = false;
    exploited.checked = false;
    apply();
    find.focus();
  });
  origin.addEventListener('change', apply);
  controls.append(find, ...boxes.map((box) => labelled(box, box.value)), labelled(fixable, 'with a fix'));
  if (rows.some((row) => row.dataset.kev !== undefined)) controls.append(labelled(exploited, 'known to be exploited'));
  if (rows.some((row) => row.dataset.origin)) controls.append(origin);
  controls.append(shown);
  controls.hidden = false;
  apply();
})();
