import { backgroundChoice } from './backgrounds';
import { type Choice, choice, iconButton, make, slider, textButton, toggle } from './controls';
import { lightWords, LIGHTS, presetLight } from './light';
import { readLibrary } from './library';
import type { FrameRate, Look, Quality } from './look';
import { STRAIGHT } from './view';

export interface SettingsActions {
  change(part: Partial<Look>): void;
  people(count: number): void;
  close(): void;
  /** The address for OBS, and what it cannot take along. */
  link(): { address: string; missing: string[] };
}

const percent = (value: number): string => `${Math.round(value * 100)} %`;
const side = (value: number): string => (value === 0 ? 'front' : `${Math.abs(value)}° ${value < 0 ? 'left' : 'right'}`);
const SHARES = { min: 0, max: 2, step: 0.05 };
const COPIED_MS = 2000;

/** The sheet with everything that can be set. */
export class Settings {
  readonly element = make('aside', 'settings');
  private look: Look | null = null;
  private readonly shows: ((look: Look) => void)[] = [];
  private readonly address = make('input');
  private readonly hints = make('div');
  private readonly grounds = make('div');

  constructor(parent: HTMLElement, people: number, private readonly token: string | null, private readonly actions: SettingsActions) {
    this.element.id = 'settings';
    this.element.hidden = true;
    this.element.setAttribute('aria-label', 'Settings');
    const head = make('header');
    head.append(make('h1', '', 'Stage'), iconButton('close', 'Close the settings', actions.close));
    this.element.append(head, this.obs(), this.light(), this.background(), this.picture(), this.performers(people));
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') actions.close();
    });
    parent.append(this.element);
  }

  get open(): boolean {
    return !this.element.hidden;
  }

  set open(open: boolean) {
    this.element.hidden = !open;
    if (open) void this.fillGrounds();
    if (open) this.element.querySelector<HTMLElement>('header button')?.focus({ preventScroll: true });
  }

  show(look: Look): void {
    this.look = look;
    for (const show of this.shows) show(look);
    const { address, missing } = this.actions.link();
    this.address.value = address;
    this.hints.replaceChildren(...missing.map((sentence) => make('p', 'hint', sentence)));
  }

  private add<T>(control: Choice<T>, value: (look: Look) => T): HTMLElement {
    this.shows.push((look) => control.show(value(look)));
    return control.element;
  }

  private obs(): HTMLElement {
    this.address.readOnly = true;
    this.address.setAttribute('aria-label', 'Address for OBS');
    this.address.addEventListener('focus', () => this.address.select());
    const copy = textButton('Copy OBS link', () => void this.copy(copy));
    copy.classList.add('main');
    const hint = make('p', 'hint', 'In OBS: Sources, +, Browser. Paste it as the URL: it shows what you see here, without a ground.');
    return section('OBS', this.address, copy, hint, this.hints);
  }

  private async copy(button: HTMLElement): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.address.value);
    } catch {
      // Over plain HTTP from another machine browsers have no clipboard but the old way.
      this.address.focus();
      document.execCommand('copy');
    }
    button.textContent = 'Copied';
    setTimeout(() => {
      button.textContent = 'Copy OBS link';
    }, COPIED_MS);
  }

  private light(): HTMLElement {
    const change = (part: Partial<Look['light']>): void => {
      if (this.look) this.actions.change({ light: { ...this.look.light, ...part } });
    };
    const words = LIGHTS.map((name) => [name, lightWords(name)] as const);
    const presets = choice('Light', words, (name) => this.actions.change({ light: presetLight(name) }), 'segments wrap');
    return section(
      'Light',
      this.add(presets, ({ light }) => light.preset),
      this.add(slider('Brightness', { min: 0.2, max: 2, step: 0.05 }, percent, (brightness) => change({ brightness })), ({ light }) => light.brightness),
      this.add(slider('From', { min: -90, max: 90, step: 2 }, side, (from) => change({ side: from })), ({ light }) => light.side),
      this.add(slider('Fill', SHARES, percent, (fill) => change({ fill })), ({ light }) => light.fill),
      this.add(slider('Rim', SHARES, percent, (rim) => change({ rim })), ({ light }) => light.rim),
    );
  }

  private background(): HTMLElement {
    return section('Background', this.grounds);
  }

  private async fillGrounds(): Promise<void> {
    const { backgrounds } = await readLibrary(this.token);
    const control = backgroundChoice(backgrounds, (background) => this.actions.change({ background }));
    this.grounds.replaceChildren(control.element);
    if (this.look) control.show(this.look.background);
  }

  private picture(): HTMLElement {
    const { change } = this.actions;
    const qualities: readonly (readonly [Quality, string])[] = [['high', 'High'], ['low', 'Low']];
    const rates: readonly (readonly [FrameRate, string])[] = [[0, 'Display'], [60, '60'], [30, '30'], [24, '24']];
    return section(
      'Picture',
      this.add(toggle('Outlines', (outline) => change({ outline })), ({ outline }) => outline),
      this.add(toggle('Shadow on the floor', (shadow) => change({ shadow })), ({ shadow }) => shadow),
      this.add(toggle('Mirror', (mirror) => change({ mirror })), ({ mirror }) => mirror),
      row('Quality', this.add(choice('Quality', qualities, (quality) => change({ quality })), ({ quality }) => quality)),
      row('Frames a second', this.add(choice('Frames a second', rates, (frameRate) => change({ frameRate })), ({ frameRate }) => frameRate)),
      textButton('Straighten the camera', () => change({ view: { ...STRAIGHT } })),
    );
  }

  private performers(people: number): HTMLElement {
    const counts = [1, 2, 3, 4].map((count) => [count, String(count)] as const);
    const control = choice('Performers', counts, this.actions.people);
    control.show(people);
    return section('Performers', control.element);
  }
}

function section(title: string, ...parts: HTMLElement[]): HTMLElement {
  const element = make('section');
  element.append(make('h2', '', title), ...parts);
  return element;
}

function row(label: string, control: HTMLElement): HTMLElement {
  const element = make('div', 'row');
  element.append(make('span', '', label), control);
  return element;
}
