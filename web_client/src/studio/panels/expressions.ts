import { line, select, slider, type Field, toggle } from '../controls';
import type { Context, Panel } from '../context';
import { button, h } from '../dom';
import type { Expression, Truth } from '../truth';

const FRESH: Omit<Expression, 'name'> = { key: '', hold: false, fade: 0.2, preset: 'happy', shapes: {}, over: [] };
const REGIONS = ['brows', 'eyes', 'mouth', 'cheeks'] as const;
const DIGITS = ['', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
const FADE = { least: 0, most: 2, step: 0.05 };

/** The expressions: what each shows, its key, how it comes and goes. */
export class ExpressionsPanel implements Panel {
  readonly element: HTMLElement;
  private readonly list = h('div', { class: 'stack' });
  private known = '';
  private readonly open = new Set<string>();

  constructor(private readonly studio: Context) {
    const { t } = studio;
    this.element = h('div', { class: 'stack' }, h('p', { class: 'intro' }, t.expressions.intro), this.list, h('div', { class: 'row' }, button(t.expressions.add, () => this.add(), 'primary')));
  }

  show(truth: Truth): void {
    const told = JSON.stringify(truth.expressions);
    if (told !== this.known) {
      this.known = told;
      this.list.replaceChildren(...truth.expressions.map((expression) => this.row(expression, truth)));
    }
    for (const box of this.list.querySelectorAll<HTMLElement>('[data-expression]')) {
      const on = truth.shown.includes(box.dataset['expression'] ?? '');
      box.querySelector('button.show')?.setAttribute('aria-pressed', String(on));
    }
  }

  private add(): void {
    const { t } = this.studio;
    const taken = this.studio.truth().expressions.map(({ name }) => name);
    let name = t.expressions.fresh;
    for (let i = 2; taken.includes(name); i++) name = `${t.expressions.fresh} ${i}`;
    this.open.add(name);
    void this.studio.act({ do: 'expression', mood: { name, ...FRESH } });
  }

  private row(expression: Expression, truth: Truth): HTMLElement {
    const { t } = this.studio;
    const { name } = expression;
    const put = (change: Partial<Expression>): void => {
      if (change.name !== undefined) {
        if (truth.expressions.some((other) => other.name === change.name)) return this.studio.tell(t.expressions.clash);
        if (this.open.delete(name)) this.open.add(change.name);
      }
      void this.studio.act({ do: 'expression', old: name, mood: { ...expression, ...change } });
    };
    const show = button(name, () => {
      const on = this.studio.truth().shown;
      void this.studio.act({ do: 'show', names: on.includes(name) ? on.filter((other) => other !== name) : [...on, name] });
    }, 'show');
    const details = h(
      'details',
      {
        open: this.open.has(name),
        toggle: () => {
          if (details.open) this.open.add(name);
          else this.open.delete(name);
        },
      },
      h('summary', { 'aria-label': `${t.outputs.settings}: ${name}` }, t.outputs.settings),
      h('div', { class: 'settings' }, ...this.fields(expression, truth, put).map((field) => field.element), this.regions(expression, put)),
      button(t.remove, () => void this.studio.act({ do: 'expression', old: name }), 'quiet'),
    );
    return h('section', { class: 'box stack', 'data-expression': name }, h('div', { class: 'row spread' }, show, h('kbd', {}, expression.key || '–')), details);
  }

  private fields(expression: Expression, truth: Truth, put: (change: Partial<Expression>) => void): Field[] {
    const { t } = this.studio;
    const presets = truth.names.presets.map((preset) => [preset, preset] as const);
    const fields: [Field, string | number | boolean][] = [
      [line(t.expressions.name, (name) => put({ name })), expression.name],
      [select(t.expressions.key, DIGITS.map((key) => [key, key || t.expressions.noKey] as const), (key) => put({ key })), expression.key],
      [select(t.expressions.mode, [['', t.expressions.toggle], ['hold', t.expressions.hold]], (mode) => put({ hold: mode === 'hold' })), expression.hold ? 'hold' : ''],
      [slider(t.expressions.fade, FADE, (fade) => put({ fade })), expression.fade],
      [select(t.expressions.preset, presets, (preset) => put({ preset, shapes: {} })), expression.preset],
    ];
    for (const [field, value] of fields) field.set(value);
    return fields.map(([field]) => field);
  }

  private regions(expression: Expression, put: (change: Partial<Expression>) => void): HTMLElement {
    const { t } = this.studio;
    return h(
      'fieldset',
      {},
      h('legend', {}, t.expressions.over),
      ...REGIONS.map((region) => {
        const field = toggle(t.expressions.regions[region], (on) => {
          put({ over: on ? [...expression.over, region] : expression.over.filter((other) => other !== region) });
        });
        field.set(expression.over.includes(region));
        return field.element;
      }),
    );
  }
}
