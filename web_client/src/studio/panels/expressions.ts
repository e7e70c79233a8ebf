import { toggle } from '../controls';
import type { Context, Panel } from '../context';
import { button, h, say } from '../dom';
import type { Expression, Truth } from '../truth';
import { ExpressionEditor } from './expression_editor';
import { HotkeysBox } from './hotkeys';

const FRESH: Omit<Expression, 'name'> = { key: '', hold: false, fade: 0.2, preset: 'happy', shapes: {}, over: [], avatar: '' };

interface Row {
  element: HTMLElement;
  now: Expression;
  button: HTMLButtonElement;
  key: HTMLElement;
  details: HTMLDetailsElement;
  editor: ExpressionEditor;
}

/** The expressions: what each shows, its key, how it comes and goes. */
export class ExpressionsPanel implements Panel {
  readonly element: HTMLElement;
  private readonly list = h('div', { class: 'stack' });
  private rows: Row[] = [];
  /** The names of those whose settings are open. */
  private readonly open = new Set<string>();
  /** Those that are on stage for no other reason than that they are being edited. */
  private readonly tried = new Set<string>();
  private trying = true;
  private readonly hotkeys: HotkeysBox;

  constructor(private readonly studio: Context) {
    const { t } = studio;
    const trying = toggle(t.expressions.trying, (on) => {
      this.trying = on;
      if (on) for (const name of this.open) this.attempt(name);
      else this.release();
    }, t.expressions.tryingText);
    trying.set(true);
    this.hotkeys = new HotkeysBox(studio);
    this.element = h(
      'div',
      { class: 'stack' },
      h('p', { class: 'intro' }, t.expressions.intro),
      h('div', { class: 'box' }, trying.element),
      this.list,
      h('div', { class: 'row' }, button(t.expressions.add, () => this.add(), 'primary')),
      this.hotkeys.element,
    );
  }

  show(truth: Truth): void {
    this.hotkeys.show(truth);
    if (truth.expressions.length !== this.rows.length) {
      this.rows = truth.expressions.map((expression) => this.row(expression, truth));
      this.list.replaceChildren(...this.rows.map(({ element }) => element));
    }
    this.rows.forEach((row, i) => this.update(row, truth.expressions[i]!, truth.shown));
  }

  opened(open: boolean): void {
    if (!open) this.release();
    else if (this.trying) for (const name of this.open) this.attempt(name);
  }

  private update(row: Row, expression: Expression, shown: readonly string[]): void {
    if (JSON.stringify(expression) !== JSON.stringify(row.now)) {
      row.now = expression;
      this.head(row);
    }
    row.editor.show(expression);
    row.button.setAttribute('aria-pressed', String(shown.includes(expression.name)));
  }

  /** What is seen of a row while its settings are folded. */
  private head(row: Row): void {
    const { name, key } = row.now;
    row.element.dataset['expression'] = name;
    say(row.button, name);
    say(row.key, key || '–');
    row.details.querySelector('summary')!.setAttribute('aria-label', `${this.studio.t.outputs.settings}: ${name}`);
  }

  private add(): void {
    const { t } = this.studio;
    const taken = this.studio.truth().expressions.map(({ name }) => name);
    let name = t.expressions.fresh;
    for (let i = 2; taken.includes(name); i++) name = `${t.expressions.fresh} ${i}`;
    this.open.add(name);
    void this.studio.act({ do: 'expression', mood: { name, ...FRESH } });
  }

  private row(expression: Expression, truth: Truth): Row {
    const { t } = this.studio;
    const show = button(expression.name, () => {
      this.tried.delete(row.now.name);
      this.want(row.now.name, !this.studio.truth().shown.includes(row.now.name));
    }, 'show');
    const key = h('kbd', {}, expression.key || '–');
    const editor = new ExpressionEditor(this.studio, expression, truth.names, (change) => this.put(row, change));
    const details = h(
      'details',
      {
        open: this.open.has(expression.name),
        toggle: () => this.unfold(row.now.name, details.open, editor),
      },
      h('summary', { 'aria-label': `${t.outputs.settings}: ${expression.name}` }, t.outputs.settings),
      editor.element,
      button(t.remove, () => void this.studio.act({ do: 'expression', old: row.now.name }), 'quiet'),
    );
    const element = h('section', { class: 'box stack', 'data-expression': expression.name }, h('div', { class: 'row spread' }, show, key), details);
    const row: Row = { element, now: expression, button: show, key, details, editor };
    return row;
  }

  private put(row: Row, change: Partial<Expression>): void {
    const old = row.now.name;
    if (change.name !== undefined && change.name !== old) {
      if (this.studio.truth().expressions.some(({ name }) => name === change.name)) {
        row.editor.show(row.now);
        return this.studio.tell(this.studio.t.expressions.clash);
      }
      for (const names of [this.open, this.tried]) if (names.delete(old)) names.add(change.name);
    }
    // At once, not when the answer is here: the next change may come before it.
    row.now = { ...row.now, ...change };
    this.head(row);
    void this.studio.act({ do: 'expression', old, mood: row.now });
  }

  private unfold(name: string, open: boolean, editor: ExpressionEditor): void {
    if (open) {
      this.open.add(name);
      editor.offer();
      if (this.trying) this.attempt(name);
    } else {
      this.open.delete(name);
      if (this.tried.delete(name)) this.want(name, false);
    }
  }

  /** Shows an expression while it is edited, unless it is shown anyway. */
  private attempt(name: string): void {
    if (this.studio.truth().shown.includes(name) || this.tried.has(name) || this.element.offsetParent === null) return;
    this.tried.add(name);
    this.want(name, true);
  }

  private release(): void {
    const { shown } = this.studio.truth();
    if (this.tried.size > 0) void this.studio.act({ do: 'show', names: shown.filter((name) => !this.tried.has(name)) });
    this.tried.clear();
  }

  private want(name: string, on: boolean): void {
    const others = this.studio.truth().shown.filter((other) => other !== name);
    void this.studio.act({ do: 'show', names: on ? [...others, name] : others });
  }
}
