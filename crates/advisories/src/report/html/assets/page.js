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

  const apply = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    let count = 0;
    rows.forEach((row, at) => {
      const is = wanted.has(row.dataset.level)
        && words.every((word) => texts[at].includes(word))
        && (!fixable.checked || !row.cells[4].querySelector('i'));
      row.hidden = !is;
      if (is) count += 1;
    });
    shown.textContent = `${count} of ${rows.length}`;
  };
  const labelled = (box, text) => {
    const label = make('label');
    label.append(box, ` ${text}`);
    box.addEventListener('change', apply);
    return label;
  };
  find.addEventListener('input', apply);
  controls.append(find, ...boxes.map((box) => labelled(box, box.value)), labelled(fixable, 'with a fix'), shown);
  controls.hidden = false;
  apply();
})();
