import { h, unique } from './dom';
import type { Setting, Value, Values } from './truth';

/** A control for one value. */
export interface Field {
  readonly element: HTMLElement;
  /** Shows a value, unless the user is at it. */
  set(value: Value): void;
}

/** How long a slider rests before its value is sent, ms: it shows at once and does not flood. */
const REST_MS = 60;

/** A switch. */
export function toggle(label: string, change: (on: boolean) => void, text = ''): Field {
  const input = h('input', { type: 'checkbox', role: 'switch', change: () => change(input.checked) });
  const words = h('span', { class: 'words' }, h('span', { class: 'label' }, label), text ? h('span', { class: 'hint' }, text) : null);
  return {
    element: h('label', { class: 'field switch' }, words, input),
    set: (value) => {
      input.checked = value === true;
    },
  };
}

/** A choice among a few. */
export function select(label: string, options: readonly (readonly [string, string])[], change: (value: string) => void, text = ''): Field {
  const box = h('select', { change: () => change(box.value) }, ...options.map(([value, word]) => h('option', { value }, word)));
  return {
    element: labelled(label, text, box),
    set: (value) => {
      box.value = String(value ?? '');
    },
  };
}

/** A line of text; sent when it is left, or with Enter. */
export function line(label: string, change: (value: string) => void, text = '', placeholder = ''): Field {
  const input = h('input', { type: 'text', placeholder, autocomplete: 'off', spellcheck: 'false', change: () => change(input.value) });
  return {
    element: labelled(label, text, input),
    set: (value) => {
      if (document.activeElement !== input) input.value = String(value ?? '');
    },
  };
}

export interface Bounds {
  least: number;
  most: number;
  step: number;
}

/** A number between bounds: a slider with its figure. */
export function slider(label: string, bounds: Bounds, change: (value: number) => void, text = ''): Field {
  const figure = h('output', {}, '');
  let timer = 0;
  const input = h('input', {
    type: 'range',
    min: bounds.least,
    max: bounds.most,
    step: bounds.step,
    input: () => {
      figure.textContent = shown(input.valueAsNumber);
      clearTimeout(timer);
      timer = window.setTimeout(() => {
        timer = 0;
        change(input.valueAsNumber);
      }, REST_MS);
    },
  });
  return {
    element: labelled(label, text, h('span', { class: 'slider' }, input, figure)),
    set: (value) => {
      // What is not sent yet shall not be lost to a truth that comes meanwhile.
      if (timer !== 0 || input.matches(':active')) return;
      input.value = String(value);
      figure.textContent = shown(Number(value));
    },
  };
}

/** A number without bounds. */
export function number(label: string, step: string, change: (value: number) => void, text = ''): Field {
  const input = h('input', {
    type: 'number',
    step,
    change: () => {
      if (Number.isFinite(input.valueAsNumber)) change(input.valueAsNumber);
    },
  });
  return {
    element: labelled(label, text, input),
    set: (value) => {
      if (document.activeElement !== input) input.value = String(value ?? '');
    },
  };
}

function labelled(label: string, text: string, control: HTMLElement): HTMLElement {
  const input = control.matches('input, select') ? control : control.querySelector('input')!;
  const hint = text ? h('span', { class: 'hint', id: unique() }, text) : null;
  if (hint) input.setAttribute('aria-describedby', hint.id);
  input.id = unique();
  const words = h('span', { class: 'words' }, h('label', { class: 'label', for: input.id }, label), hint);
  return h('div', { class: 'field' }, words, control);
}

function shown(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** `predict_ms` as people read it. */
export function spoken(name: string): string {
  const words = name.replace(/_/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A docstring's sentence as people read it: without the quotes of code, begun with a capital. */
function plain(text: string): string {
  const words = text.replace(/`/g, '');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The control that suits a setting of a part. */
export function setting(told: Setting, change: (value: Value) => void): Field {
  const label = spoken(told.name);
  const text = plain(told.text);
  if (told.type === 'bool') return toggle(label, change, text);
  if (told.choices.length > 0) return select(label, told.choices.map((choice) => [choice, choice] as const), change, text);
  if (told.type === 'text') return line(label, change, text);
  const whole = told.type === 'int';
  if (told.least !== null && told.most !== null) {
    return slider(label, { least: told.least, most: told.most, step: whole ? 1 : (told.most - told.least) / 40 }, change, text);
  }
  return number(label, whole ? '1' : 'any', change, text);
}

/** The settings of one part, made anew when the part is another. */
export class Settings {
  readonly element = h('div', { class: 'settings' });
  private key = '';
  private fields = new Map<string, Field>();

  /** @param change Is told of the setting's name and new value */
  constructor(private readonly change: (name: string, value: Value) => void) {}

  show(key: string, settings: readonly Setting[], values: Values): void {
    if (key !== this.key) {
      this.key = key;
      this.fields = new Map(settings.map((told) => [told.name, setting(told, (value) => this.change(told.name, value))]));
      this.element.replaceChildren(...[...this.fields.values()].map((field) => field.element));
    }
    for (const [name, field] of this.fields) field.set(values[name] ?? null);
  }
}
