/** The small parts that the page's controls are made of. All can be reached and told apart without a mouse or eyes. */

/** Paths of 24 x 24 line icons. */
export const ICONS = {
  avatar: 'M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8M4.5 20c.6-4 3.6-6 7.5-6s6.9 2 7.5 6',
  mirror: 'M12 3v18M8.5 7 3 17h5.5zM15.5 7 21 17h-5.5z',
  settings: 'M4 7h9M17 7h3M15 5v4M4 12h3M11 12h9M9 10v4M4 17h11M19 17h1M17 15v4',
  obs: 'M10 14a4.5 4.5 0 0 0 6.6.4l2.6-2.6a4.6 4.6 0 0 0-6.5-6.5l-1.5 1.5M14 10a4.5 4.5 0 0 0-6.6-.4l-2.6 2.6a4.6 4.6 0 0 0 6.5 6.5l1.5-1.5',
  close: 'M6 6l12 12M18 6 6 18',
  folder: 'M3.5 6.5h6l2 2.5h9v9.5h-17z',
  reset: 'M5 5v5h5M5.6 10A7.5 7.5 0 1 1 4.5 14',
} as const;

export function make<K extends keyof HTMLElementTagNameMap>(tag: K, className = '', text = ''): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  if (text !== '') element.textContent = text;
  return element;
}

export function textButton(text: string, click: () => void): HTMLButtonElement {
  const button = make('button', '', text);
  button.type = 'button';
  button.addEventListener('click', click);
  return button;
}

export function iconButton(icon: keyof typeof ICONS, label: string, click: () => void): HTMLButtonElement {
  const button = textButton('', click);
  button.classList.add('icon');
  button.title = label;
  button.setAttribute('aria-label', label);
  button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[icon]}" /></svg>`;
  return button;
}

export function press(button: HTMLElement, pressed: boolean): void {
  button.setAttribute('aria-pressed', String(pressed));
}

export function groupOf(label: string, className = 'group'): HTMLElement {
  const group = make('span', className);
  group.setAttribute('role', 'group');
  group.setAttribute('aria-label', label);
  return group;
}

/** Some buttons of which one is pressed. */
export interface Choice<T> {
  element: HTMLElement;
  show(value: T): void;
}

export function choice<T>(label: string, values: readonly (readonly [value: T, words: string])[], choose: (value: T) => void, className = 'segments'): Choice<T> {
  const element = groupOf(label, className);
  const buttons = values.map(([value, words]) => [value, textButton(words, () => choose(value))] as const);
  element.append(...buttons.map(([, button]) => button));
  return {
    element,
    show: (value) => {
      for (const [own, button] of buttons) press(button, own === value);
    },
  };
}

/** A labelled slider. */
export function slider(label: string, range: { min: number; max: number; step: number }, words: (value: number) => string, change: (value: number) => void): Choice<number> {
  const element = make('label', 'slider');
  const name = make('span', '', label);
  const figure = make('output');
  const input = make('input');
  Object.assign(input, { type: 'range', min: String(range.min), max: String(range.max), step: String(range.step) });
  input.addEventListener('input', () => change(Number(input.value)));
  element.append(name, figure, input);
  return {
    element,
    show: (value) => {
      input.value = String(value);
      // Where the filled part of the track ends.
      input.style.setProperty('--share', String((value - range.min) / (range.max - range.min)));
      figure.textContent = words(value);
      input.setAttribute('aria-valuetext', words(value));
    },
  };
}

/** A labelled switch. */
export function toggle(label: string, change: (on: boolean) => void): Choice<boolean> {
  const element = make('label', 'switch');
  const input = make('input');
  input.type = 'checkbox';
  input.setAttribute('role', 'switch');
  input.addEventListener('change', () => change(input.checked));
  element.append(make('span', '', label), input);
  return {
    element,
    show: (on) => {
      input.checked = on;
    },
  };
}

/** A hidden chooser of files, and what opens it. */
export function filePicker(accept: string, multiple: boolean, take: (files: File[]) => void): { element: HTMLInputElement; open(): void } {
  const element = make('input');
  Object.assign(element, { type: 'file', accept, multiple, hidden: true });
  element.addEventListener('change', () => {
    const files = [...(element.files ?? [])];
    // Empty again, so that the same file can be chosen twice.
    element.value = '';
    if (files.length > 0) take(files);
  });
  return { element, open: () => element.click() };
}
