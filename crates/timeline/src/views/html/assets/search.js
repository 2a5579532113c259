// Search, and the choice of what is shown. A row that is found stays, and so do its ancestors and
// what is below it; everything else goes. What a search unfolds is folded again after it.

{
  const find = byId('find');
  const count = byId('count');
  /** Hits that are unfolded and highlighted at once; others when they are walked to. */
  const MAX_SHOWN = 1000;
  const rows = all('.k li', story).map((element) => ({ element, text: null }));
  /** Without a search, it is alerts that are walked through. */
  const alerts = rows.filter(({ element }) => element.classList.contains('a'));
  const highlights = 'highlights' in CSS && typeof Highlight === 'function';

  let asked = '';
  let hits = [];
  let at = -1;
  let marked = [];
  let unfolded = [];

  /** The parts of a row that are its own: not what is below it, and not its time. */
  function parts(element) {
    const row = element.querySelector(':scope > .row, :scope > * > .row');
    const facts = element.querySelectorAll(':scope > details > dl');
    return [...(row ?? element).children, ...facts].filter((part) => part.localName !== 'i');
  }

  function text(row) {
    row.text ??= parts(row.element).map((part) => part.textContent).join(' ').toLowerCase();
    return row.text;
  }

  /** The kind of a row, or of the fold that it stands in; what has none is a command. */
  function kindOf(row) {
    const element = row.element.className ? row.element : row.element.parentElement.closest('li');
    return ['f', 'n', 'v', 'a'].find((kind) => element.classList.contains(kind)) ?? 'p';
  }

  const isOff = (kind) => root.classList.contains(`no-${kind}`);

  /** Marks an element for the time of this search. */
  function mark(element, name) {
    element.classList.add(name);
    marked.push([element, name]);
  }

  function markAncestors(element) {
    for (let up = element.parentElement.closest('li'); up; up = up.parentElement.closest('li')) {
      if (up.classList.contains('has')) return;
      mark(up, 'has');
    }
  }

  function clear() {
    marked.forEach(([element, name]) => element.classList.remove(name));
    // What holds the row that was looked at stays open.
    const kept = goals()[at]?.element;
    unfolded.filter((details) => !kept || !details.contains(kept))
      .forEach((details) => { details.open = false; });
    if (highlights) CSS.highlights.clear();
    [hits, at, marked, unfolded] = [[], -1, [], []];
  }

  function search() {
    clear();
    const wanted = asked = find.value.trim().toLowerCase();
    const commandsOff = isOff('p');
    root.classList.toggle('finding', Boolean(wanted));
    root.classList.toggle('filtered', Boolean(wanted) || commandsOff);
    const chosen = wanted || commandsOff ? rows.filter((row) => !isOff(kindOf(row))) : [];
    if (wanted) hits = chosen.filter((row) => text(row).includes(wanted));
    hits.forEach((row) => mark(row.element, 'hit'));
    // What is routine is found, though it may not be shown otherwise.
    const shown = wanted ? hits : chosen.filter((row) => !(isOff('r') && row.element.closest('.r')));
    shown.forEach((row) => {
      mark(row.element, 'has');
      markAncestors(row.element);
    });
    const first = hits.slice(0, MAX_SHOWN);
    first.forEach((row) => unfolded.push(...uncover(row)));
    if (highlights && wanted) {
      CSS.highlights.set('found', new Highlight(...first.flatMap((row) => ranges(row, wanted))));
    }
    say();
  }

  /** Opens what hides a hit: what the row is in, and what it has folded itself. */
  function uncover({ element }) {
    const within = parts(element).flatMap((part) => all('details:not([open])', part))
      .filter((details) => asked && details.textContent.toLowerCase().includes(asked));
    within.forEach((details) => { details.open = true; });
    return [...reveal(element), ...within];
  }

  /** Where the wanted text stands in a row, as ranges of its text nodes. */
  function ranges(row, wanted) {
    return parts(row.element).flatMap((part) => {
      const nodes = [];
      const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) nodes.push(walker.currentNode);
      const whole = nodes.map((node) => node.data).join('').toLowerCase();
      const found = [];
      for (let from = whole.indexOf(wanted); from >= 0; from = whole.indexOf(wanted, from + wanted.length)) {
        found.push(range(nodes, from, from + wanted.length));
      }
      return found.filter(Boolean);
    });
  }

  function range(nodes, from, to) {
    const range = new Range();
    let before = 0;
    let begun = false;
    for (const node of nodes) {
      const end = before + node.length;
      if (!begun && from < end) {
        range.setStart(node, from - before);
        begun = true;
      }
      if (begun && to <= end) {
        range.setEnd(node, to - before);
        return range;
      }
      before = end;
    }
    return null;
  }

  const goals = () => (asked ? hits : alerts);

  function say() {
    const number = hits.length === 1 ? '1 hit' : `${hits.length || 'no'} hits`;
    if (at >= 0) count.textContent = `${asked ? '' : 'alert '}${at + 1} of ${goals().length}`;
    else count.textContent = asked ? number : '';
  }

  /** Goes to the next hit or alert, or the one before, around the ends. */
  function walk(step) {
    const { length } = goals();
    if (!length) return;
    goals()[at]?.element.classList.remove('now');
    at = at < 0 && step < 0 ? length - 1 : (at + step + length) % length;
    const row = goals()[at];
    unfolded.push(...uncover(row));
    mark(row.element, 'now');
    const summary = row.element.querySelector(':scope > details > summary');
    (summary ?? row.element).scrollIntoView({ block: 'center' });
    if (highlights && asked) {
      const now = new Highlight(...ranges(row, asked));
      now.priority = 1;
      CSS.highlights.set('found-now', now);
    }
    say();
  }

  let waiting;
  find.addEventListener('input', () => {
    clearTimeout(waiting);
    // One letter is nearly everywhere; it is searched for when asked with Enter.
    if (find.value.trim().length !== 1) waiting = setTimeout(search, 120);
  });
  find.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== 'Escape') return;
    event.preventDefault();
    clearTimeout(waiting);
    if (event.key === 'Escape') leave();
    else {
      if (find.value.trim().toLowerCase() !== asked) search();
      walk(event.shiftKey ? -1 : 1);
    }
  });

  /** Clears the search; the keyboard goes on where it led. */
  function leave() {
    const last = goals()[at]?.element;
    find.value = '';
    search();
    if (last) visit(last);
    else find.blur();
  }

  byId('next').addEventListener('click', () => walk(1));
  byId('previous').addEventListener('click', () => walk(-1));
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest('input[type="search"]')) return;
    event.preventDefault();
    find.focus();
    find.select();
  });

  all('[data-kind]').forEach((label) => {
    const box = label.querySelector('input');
    const change = () => {
      root.classList.toggle(`no-${label.dataset.kind}`, !box.checked);
      search();
    };
    box.addEventListener('change', change);
    // Browsers remember what was checked when a page is loaded anew.
    if (!box.checked) change();
  });
}
