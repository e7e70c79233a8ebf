import { Settings, toggle, type Field } from '../controls';
import type { Context, Panel } from '../context';
import { button, h, say } from '../dom';
import type { Truth, Vitals } from '../truth';

interface Row {
  text: string;
  element: HTMLElement;
  on: Field;
  badge: HTMLElement;
  rate: HTMLElement;
  error: HTMLElement;
  settings: Settings;
}

/** Seconds over which packets are counted. */
const SPAN = 2;

/** The outputs beside the viewer: on or off, where to, and how each fares. */
export class OutputsPanel implements Panel {
  readonly element: HTMLElement;
  private readonly list = h('div', { class: 'stack' });
  private rows: Row[] = [];
  private counts: { time: number; sent: number[] }[] = [];

  constructor(private readonly studio: Context) {
    this.element = h('div', { class: 'stack' }, h('p', { class: 'intro' }, studio.t.outputs.intro), this.list, this.adder());
  }

  show(truth: Truth): void {
    const texts = truth.outputs.map((output) => output.text);
    if (texts.join('\n') !== this.rows.map((row) => row.text).join('\n') || texts.length === 0) {
      this.rows = texts.map((text, i) => this.row(text, i));
      this.counts = [];
      const { t } = this.studio;
      this.list.replaceChildren(...(this.rows.length > 0 ? this.rows.map((row) => row.element) : [h('p', { class: 'hint' }, t.outputs.empty)]));
    }
    this.rows.forEach((row, i) => {
      row.on.set(truth.outputs[i]?.on ?? false);
      const part = partOf(row.text);
      const settings = this.studio.parts.output.find(({ name }) => name === part)?.settings ?? [];
      row.settings.show(part, settings, truth.settings[`output.${part}`] ?? {});
    });
  }

  tick(vitals: Vitals): void {
    const { t } = this.studio;
    const time = performance.now() / 1000;
    this.counts.push({ time, sent: vitals.outputs.map(({ sent }) => sent) });
    while (this.counts.length > 2 && time - this.counts[0]!.time > SPAN) this.counts.shift();
    const first = this.counts[0]!;
    this.rows.forEach((row, i) => {
      const health = vitals.outputs[i];
      if (!health) return;
      row.badge.dataset['state'] = health.state;
      say(row.badge, t.outputs.states[health.state]);
      const rate = time > first.time ? (health.sent - (first.sent[i] ?? 0)) / (time - first.time) : 0;
      say(row.rate, health.state === 'off' ? '' : `${Math.max(0, Math.round(rate))} ${t.outputs.perSecond}`);
      say(row.error, health.error);
    });
  }

  private row(text: string, i: number): Row {
    const { t } = this.studio;
    const part = partOf(text);
    const address = h('input', { type: 'text', value: text.slice(part.length + 1), placeholder: t.outputs.usualAddress, 'aria-label': `${t.outputs.address}: ${part}` });
    const put = (on: boolean): void => {
      const place = address.value.trim();
      void this.studio.act({ do: 'output', row: i, text: place ? `${part}:${place}` : part, on });
    };
    const on = toggle(part, put);
    address.addEventListener('change', () => put(on.element.querySelector('input')!.checked));
    const badge = h('span', { class: 'badge', role: 'status' });
    const rate = h('span', { class: 'hint' });
    const error = h('p', { class: 'hint error' });
    const settings = new Settings((key, value) => void this.studio.act({ do: 'set', section: `output.${part}`, key, value }));
    const drop = button(t.remove, () => void this.studio.act({ do: 'drop_output', row: i }), 'quiet');
    drop.setAttribute('aria-label', `${t.remove}: ${part}`);
    const element = h(
      'section',
      { class: 'box stack', 'data-output': part },
      h('div', { class: 'row spread' }, on.element, h('span', { class: 'row' }, rate, badge)),
      h('div', { class: 'row grow' }, address, drop),
      error,
      h('details', {}, h('summary', {}, t.outputs.settings), settings.element),
    );
    return { text, element, on, badge, rate, error, settings };
  }

  private adder(): HTMLElement {
    const { t, parts } = this.studio;
    const options = parts.output.filter((part) => !part.missing);
    const what = h('span', { class: 'hint' });
    const part = h('select', { 'aria-label': t.outputs.part, change: () => explain() }, ...options.map(({ name }) => h('option', { value: name }, name)));
    const address = h('input', { type: 'text', 'aria-label': t.outputs.address, placeholder: t.outputs.address });
    const explain = (): void => say(what, options.find(({ name }) => name === part.value)?.text ?? '');
    part.value = 'vmc';
    explain();
    const add = button(t.outputs.add, () => {
      const text = address.value.trim() ? `${part.value}:${address.value.trim()}` : part.value;
      void this.studio.act({ do: 'output', text, on: true }).then((done) => {
        if (done) address.value = '';
      });
    }, 'primary');
    return h('section', { class: 'box stack' }, h('h3', {}, t.outputs.add), h('div', { class: 'row grow' }, part, address, add), what);
  }
}

function partOf(text: string): string {
  return text.split(':')[0] ?? text;
}
