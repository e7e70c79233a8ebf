import { number, toggle } from '../controls';
import type { Context } from '../context';
import { button, h, say, svg } from '../dom';
import { Preview } from '../preview';
import type { Marks } from '../truth';
import type { Guided } from './dialog';
import { Sounds } from './sounds';
import type { CameraStanding, FaceStanding, FaceVerdict } from './told';
import { verdictOf } from './verdict';

/** Where the dot stands while the corners are looked at, one after the other: shares of the page. */
const CORNERS = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
] as const;
const RING = 2 * Math.PI * 20;

/** The steps of the face: words, a dot to look at with the step's progress around it, and oneself. */
export class FaceGuide implements Guided {
  readonly kind = 'face';
  readonly title: string;
  readonly intro: HTMLElement;
  readonly steps: HTMLElement;
  private readonly count = h('p', { class: 'hint' });
  private readonly words = h('p', { class: 'words-now', role: 'status' });
  private readonly hint = h('p', { class: 'hint-now' });
  private readonly dots = h('ol', { class: 'steps-done', 'aria-hidden': 'true' });
  private readonly arc = svg('circle', { cx: 24, cy: 24, r: 20, class: 'arc', 'stroke-dasharray': RING });
  private readonly target: HTMLElement;
  private readonly quality = h('i', {});
  private readonly skip: HTMLButtonElement;
  private readonly seen: Preview;
  private readonly sounds = new Sounds();
  private screen: number | null = null;
  private step = '';

  constructor(private readonly studio: Context) {
    const c = studio.t.calibration;
    this.title = c.face;
    this.seen = new Preview(studio.link, c.yourself);
    this.intro = this.makeIntro();
    this.skip = button(c.skip, () => void studio.act({ do: 'guide', wish: 'skip', step: this.step }));
    const ring = svg('svg', { viewBox: '0 0 48 48' }, svg('circle', { cx: 24, cy: 24, r: 20, class: 'track' }), this.arc, svg('circle', { cx: 24, cy: 24, r: 5, class: 'dot' }));
    this.target = h('div', { class: 'target', 'aria-hidden': 'true' }, ring as unknown as Node);
    this.steps = h(
      'div',
      { class: 'face-steps' },
      h('div', { class: 'say' }, this.count, this.words, this.hint, h('div', { class: 'meter', 'aria-hidden': 'true' }, this.quality)),
      this.target,
      h('div', { class: 'corner' }, this.seen.element, h('div', { class: 'stack' }, this.dots, this.skip)),
    );
  }

  async begin(): Promise<{ do: string } & Record<string, unknown>> {
    this.sounds.wake();
    this.step = '';
    // The corners of the page are those of the screen only while it fills the screen.
    await document.documentElement.requestFullscreen?.().catch(() => undefined);
    const whole = document.fullscreenElement !== null;
    return { do: 'calibrate', what: 'face', ...(whole && this.screen !== null ? { screen: this.screen } : {}) };
  }

  show(told: FaceStanding | CameraStanding): void {
    if (told.kind !== 'face') return;
    const { calibration: c, visit: v } = this.studio.t;
    const fresh = told.step !== this.step;
    if (fresh) this.begun(told);
    say(this.count, `${v.step} ${told.number} ${v.of} ${told.steps.length}`);
    say(this.words, `${told.again ? `${c.onceMore} ` : ''}${c.steps[told.step as keyof typeof c.steps] ?? told.step}`);
    say(this.hint, told.seen ? (told.ready ? c.now : c.ready) : c.noFace);
    this.hint.classList.toggle('error', !told.seen);
    if (told.ready && !this.steps.classList.contains('ready')) this.sounds.begin();
    this.steps.classList.toggle('ready', told.ready);
    this.arc.setAttribute('stroke-dashoffset', String(RING * (1 - told.done)));
    this.quality.style.transform = `scaleX(${told.qualities[told.step] ?? 0})`;
    [...this.dots.children].forEach((dot, i) => {
      const share = told.qualities[told.steps[i]!];
      (dot as HTMLElement).dataset['state'] = i + 1 === told.number ? 'now' : share === undefined ? '' : share >= 0.5 ? 'well' : 'poor';
    });
    this.move(told);
  }

  preview(picture: ArrayBuffer, marks: Marks[]): void {
    this.seen.draw(picture, marks);
  }

  watch(on: boolean): void {
    this.seen.suspend(!on);
    this.seen.whole(on);
  }

  async verdict(): Promise<HTMLElement> {
    this.sounds.end();
    return verdictOf(this.studio, await this.studio.link.ask<FaceVerdict>('calibration'));
  }

  private begun(told: FaceStanding): void {
    if (this.step !== '') this.sounds.end();
    this.step = told.step;
    this.skip.hidden = !told.skippable;
    if (told.skippable && document.activeElement === document.body) this.skip.focus();
    if (this.dots.childElementCount !== told.steps.length) this.dots.replaceChildren(...told.steps.map(() => h('li', {})));
  }

  /** The dot stands in the middle of the page, or in a corner of it. */
  private move(told: FaceStanding): void {
    const corner = told.step === 'corners' ? CORNERS[Math.min(3, Math.floor(told.done * 4))] : undefined;
    this.target.classList.toggle('away', corner !== undefined);
    this.target.style.setProperty('--x', String(corner?.[0] ?? 0.5));
    this.target.style.setProperty('--y', String(corner?.[1] ?? 0.5));
  }

  private makeIntro(): HTMLElement {
    const c = this.studio.t.calibration;
    const inches = number(c.inches, '0.1', (value) => {
      this.screen = value >= 3 && value <= 200 ? value : null;
    }, c.inchesText);
    const sound = toggle(c.sounds, (on) => {
      this.sounds.on = on;
    }, c.soundsText);
    sound.set(true);
    const points = Object.values(c.faceText).map((text) => h('li', {}, text));
    return h('div', { class: 'stack intro-page' }, h('ul', { class: 'points' }, ...points), inches.element, sound.element);
  }
}
