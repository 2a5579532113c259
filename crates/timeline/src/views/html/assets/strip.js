// The cursor of the strip: tells what happened when, and leads to the nearest process.

{
  const strip = document.querySelector('.strip');
  if (strip) begin();

  function begin() {
    const from = Number(strip.dataset.from);
    const span = Number(strip.dataset.span);
    const bars = strip.dataset.counts.split(' ').map((bar) => bar.split(',').map(Number));
    const names = ['processes', 'files', 'network', 'other'];
    const moment = byId('moment');
    const rows = all('.k li.p, .k li.a', story).filter((row) => row.id);
    const places = rows.map((row) => ({ row, ms: msOf(row.querySelector('i')) }))
      .filter(({ ms }) => !Number.isNaN(ms));
    const cursor = document.createElement('div');
    let at = Math.max(0, Math.min(bars.length - 1, Math.floor(-from / span * bars.length)));

    Object.entries({
      role: 'slider',
      tabindex: '0',
      'aria-label': 'Moment; Enter goes to the nearest process or alert',
      'aria-valuemin': '0',
      'aria-valuemax': String(bars.length - 1),
    }).forEach(([name, value]) => cursor.setAttribute(name, value));
    cursor.className = 'cursor';
    strip.append(cursor);

    const middle = () => from + (at + 0.5) * span / bars.length;

    /** The alert or process nearest to the moment; those of the background only if none is near. */
    function nearest() {
      const ms = middle();
      const far = ({ ms: other, row }) =>
        Math.abs(other - ms) + (row.matches('.by') ? span / 10 : 0) - (row.matches('.a') ? span / 200 : 0);
      return places.reduce((best, place) => (best && far(best) <= far(place) ? best : place), null);
    }

    function nameOf(row) {
      const name = row.querySelector('code, strong').textContent.trim();
      return name.length > 60 ? `${name.slice(0, 60)}…` : name;
    }

    function told() {
      const counts = bars[at].map((number, kind) => number && `${number.toLocaleString('en')} ${names[kind]}`);
      const happened = counts.filter(Boolean).join(', ') || 'nothing';
      const place = nearest();
      const seconds = `${(middle() / 1e3).toFixed(2)} s (${clock(middle(), 'utc').slice(0, 10)} UTC)`;
      return `${seconds}: ${happened}${place ? ` · near ${nameOf(place.row)}` : ''}`;
    }

    function show() {
      cursor.style.setProperty('--at', `${(at + 0.5) * 100 / bars.length}%`);
      const text = told();
      cursor.setAttribute('aria-valuenow', String(at));
      cursor.setAttribute('aria-valuetext', text);
      moment.textContent = text;
    }

    function go() {
      const place = nearest();
      if (!place) return;
      if (location.hash === `#${place.row.id}`) visit(place.row);
      location.hash = place.row.id;
    }

    function point(event) {
      const box = cursor.getBoundingClientRect();
      const part = (event.clientX - box.left) / box.width;
      at = Math.max(0, Math.min(bars.length - 1, Math.floor(part * bars.length)));
      show();
    }

    const steps = {
      ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10,
      Home: -bars.length, End: bars.length,
    };
    cursor.addEventListener('pointermove', point);
    cursor.addEventListener('click', (event) => { point(event); go(); });
    cursor.addEventListener('focus', show);
    cursor.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') return go();
      if (!(event.key in steps)) return;
      event.preventDefault();
      at = Math.max(0, Math.min(bars.length - 1, at + steps[event.key]));
      show();
    });
    cursor.setAttribute('aria-valuenow', String(at));
    cursor.setAttribute('aria-valuetext', told());
  }
}
