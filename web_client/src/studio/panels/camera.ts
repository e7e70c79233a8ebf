import { Settings, toggle } from '../controls';
import type { Context, Panel } from '../context';
import { button, h, say } from '../dom';
import { Preview } from '../preview';
import type { Camera, Marks, Part, Truth, Vitals } from '../truth';
import { LayersBox } from './layers';

/** Sources that have places of their own on the panel. */
const KNOWN: readonly string[] = ['camera', 'demo', 'video'];

/** The choice of a camera or of whoever else performs; also the first step of the first visit. */
export class SourceChoice {
  readonly element: HTMLElement;
  private readonly list = h('div', { class: 'cards', role: 'group' });
  private cameras: Camera[] = [];
  private asked = false;
  private current = '';

  constructor(private readonly studio: Context) {
    const { t } = studio;
    this.list.setAttribute('aria-label', t.camera.cameras);
    this.element = h('div', { class: 'stack' }, this.list, h('div', { class: 'row' }, button(t.camera.again, () => void this.look())));
    this.draw();
  }

  show(truth: Truth): void {
    if (truth.run.source === this.current) return;
    this.current = truth.run.source;
    this.draw();
  }

  /** Looks for cameras, once. */
  begin(): void {
    if (!this.asked) void this.look();
  }

  private async look(): Promise<void> {
    this.asked = true;
    this.cameras = await this.studio.link.ask<Camera[]>('cameras').catch(() => []);
    this.draw();
  }

  private draw(): void {
    const { t } = this.studio;
    const cards = this.cameras.map((camera) => this.card(camera.source, camera.name, camera.source));
    if (cards.length === 0 && this.asked) cards.push(h('p', { class: 'hint wide' }, t.camera.none));
    cards.push(this.card('demo', t.camera.demo, t.camera.demoText));
    this.list.replaceChildren(...cards);
  }

  private card(source: string, name: string, text: string): HTMLElement {
    const first = source === 'camera:0' && (this.current === '' || this.current === 'camera');
    const chosen = source === this.current || first;
    return h(
      'button',
      { type: 'button', class: 'card', 'aria-pressed': String(chosen), click: () => void this.studio.act({ do: 'choose', what: 'source', value: source }) },
      h('strong', {}, name),
      h('span', { class: 'hint' }, text),
    );
  }
}

/** Who performs, their own picture, and the settings of that source. */
export class CameraPanel implements Panel {
  readonly element: HTMLElement;
  private readonly choice: SourceChoice;
  private readonly now = h('strong', {});
  private readonly rate = h('span', { class: 'badge' });
  private readonly seen: Preview;
  private readonly settings: Settings;
  private readonly layers: LayersBox;
  private source = '';

  constructor(private readonly studio: Context) {
    const { t } = studio;
    this.choice = new SourceChoice(studio);
    this.seen = new Preview(studio.link, t.camera.preview);
    this.settings = new Settings((key, value) => void studio.act({ do: 'set', section: 'source', key, value }));
    this.layers = new LayersBox(studio);
    this.element = h(
      'div',
      { class: 'stack' },
      h('p', { class: 'intro' }, t.camera.intro),
      h('div', { class: 'box row spread' }, h('span', {}, `${t.camera.running}: `, this.now), this.rate),
      h('h3', {}, t.camera.cameras),
      this.choice.element,
      this.others(),
      this.layers.element,
      h('h3', {}, t.camera.preview),
      this.previewBox(),
      h('details', {}, h('summary', {}, t.camera.settings), this.settings.element),
    );
  }

  show(truth: Truth): void {
    say(this.now, truth.described);
    this.choice.show(truth);
    this.layers.show(truth);
    const section = Object.keys(truth.settings).find((name) => name.startsWith('source.')) ?? '';
    this.source = section.slice('source.'.length);
    const part = this.studio.parts.source.find(({ name }) => name === this.source);
    this.settings.show(this.source, part?.settings ?? [], truth.settings[section] ?? {});
  }

  tick({ fps, picture }: Vitals): void {
    say(this.rate, `${picture ? `${picture.join(' × ')} · ` : ''}${Math.round(fps)} fps`);
  }

  preview(picture: ArrayBuffer, marks: Marks[]): void {
    this.seen.draw(picture, marks);
  }

  opened(open: boolean): void {
    if (open) this.choice.begin();
    this.seen.suspend(!open);
  }

  private previewBox(): HTMLElement {
    const { t } = this.studio;
    const marks = toggle(t.camera.marks, (on) => this.seen.marksAlone(on));
    const picture = toggle(t.camera.picture, (on) => this.seen.whole(on), t.camera.previewText);
    return h('div', { class: 'box stack' }, picture.element, marks.element, this.seen.element);
  }

  private others(): HTMLElement {
    const { t, parts } = this.studio;
    const path = h('input', { type: 'text', 'aria-label': t.camera.filmPath, placeholder: t.camera.filmPath });
    const apps = parts.source.filter((part: Part) => !KNOWN.includes(part.name) && !part.missing);
    const app = h('select', { 'aria-label': t.camera.app }, ...apps.map((part) => h('option', { value: part.name }, part.text.split(':')[0] ?? part.name)));
    const port = h('input', { type: 'text', 'aria-label': t.camera.appPort, placeholder: t.camera.appPort });
    const choose = (value: string): void => void this.studio.act({ do: 'choose', what: 'source', value });
    return h(
      'div',
      { class: 'stack' },
      h('h3', {}, t.camera.app),
      h('div', { class: 'row grow' }, app, port, button(t.use, () => choose(port.value ? `${app.value}:${port.value}` : app.value))),
      h('h3', {}, t.camera.film),
      h('div', { class: 'row grow' }, path, button(t.use, () => choose(path.value))),
    );
  }
}
