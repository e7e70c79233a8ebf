import type { Context } from '../context';
import { button, h, say } from '../dom';
import { Preview } from '../preview';
import { BoardView, papers } from './board';
import type { Guided } from './dialog';
import type { CameraStanding, CameraVerdict, FaceStanding } from './told';

const WAYS = ['left', 'right', 'up', 'down'] as const;

/** The camera and its board: where in the picture it was seen, how it was tilted, and what to do next. */
export class CameraGuide implements Guided {
  readonly kind = 'camera';
  readonly title: string;
  readonly intro: HTMLElement;
  readonly steps: HTMLElement;
  private readonly words = h('p', { class: 'words-now', role: 'status' });
  private readonly map = h('div', { class: 'map', 'aria-hidden': 'true' });
  private readonly found = h('div', { class: 'found', 'aria-hidden': 'true' });
  private readonly tilts = new Map<string, HTMLElement>();
  private readonly progress = h('progress', { max: 1, value: 0 });
  private readonly views = h('span', { class: 'figures' });
  private readonly seen: Preview;
  private readonly board: BoardView;

  constructor(private readonly studio: Context) {
    const c = studio.t.calibration;
    this.title = c.camera;
    this.board = new BoardView(studio);
    this.seen = new Preview(studio.link, c.yourself);
    this.progress.setAttribute('aria-label', c.progress);
    const points = Object.values(c.cameraText).map((text) => h('li', {}, text));
    this.intro = h('div', { class: 'stack intro-page' }, h('ol', { class: 'points' }, ...points), papers(studio));
    this.steps = this.makeSteps();
  }

  async begin(): Promise<{ do: string } & Record<string, unknown>> {
    return { do: 'calibrate', what: 'camera' };
  }

  show(told: FaceStanding | CameraStanding): void {
    if (told.kind !== 'camera') return;
    const c = this.studio.t.calibration;
    const word = c.wants[(told.wanted || 'enough') as keyof typeof c.wants] ?? c.wants.part;
    say(this.words, word);
    this.board.say(word);
    this.progress.value = told.share;
    say(this.views, `${told.views} ${c.views}`);
    this.map.style.setProperty('--columns', String(told.columns));
    if (this.map.childElementCount !== told.parts.length) this.map.replaceChildren(...told.parts.map(() => h('i', {})));
    const next = word === c.wants.part ? told.parts.indexOf(false) : -1;
    told.parts.forEach((seen, i) => {
      this.map.children[i]!.classList.toggle('seen', seen);
      this.map.children[i]!.classList.toggle('next', i === next);
    });
    for (const way of WAYS) this.tilts.get(way)!.style.transform = `scaleX(${told.tilts[way] ?? 0})`;
    this.found.replaceChildren(...told.corners.map(([x, y]) => h('i', { style: `left: ${100 * x}%; top: ${100 * y}%` })));
  }

  preview(picture: ArrayBuffer): void {
    this.seen.draw(picture, []);
  }

  watch(on: boolean): void {
    this.seen.suspend(!on);
    this.seen.whole(on);
    if (!on) void this.board.show(false);
  }

  async verdict(): Promise<HTMLElement> {
    const c = this.studio.t.calibration;
    const found = await this.studio.link.ask<CameraVerdict>('calibration');
    const figures = [
      [c.focal, `${found.focal.toFixed(1)} px ± ${(100 * found.spread).toFixed(1)} %`],
      [c.view, `${found.view[0].toFixed(1)}° × ${found.view[1].toFixed(1)}°`],
      [c.error, `${found.error.toFixed(2)} px`],
      [c.bend, `${(Math.round(1000 * found.bend) / 10 + 0).toFixed(1)} %`],
      [c.viewsUsed, `${found.used}${found.left_out ? ` (+${found.left_out} ${c.leftOut})` : ''}`],
    ] as const;
    const tiles = figures.map(([name, value]) => h('div', { class: 'tile' }, h('dt', {}, name), h('dd', {}, value)));
    return h('div', { class: 'stack verdict' }, h('h3', {}, c.cameraVerdict), h('dl', { class: 'tiles' }, ...tiles), h('p', { class: 'hint' }, c.cameraVerdictText));
  }

  private makeSteps(): HTMLElement {
    const c = this.studio.t.calibration;
    const tilts = WAYS.map((way) => {
      const fill = h('i', { class: 'shown' });
      this.tilts.set(way, fill);
      return h('div', { class: 'tilt' }, h('span', {}, c.ways[way]), h('div', { class: 'meter', 'aria-hidden': 'true' }, fill));
    });
    const enough = button(c.enough, () => void this.studio.act({ do: 'guide', wish: 'enough' }));
    return h(
      'div',
      { class: 'camera-steps' },
      h('div', { class: 'seen-board' }, this.seen.element, this.map, this.found),
      h(
        'div',
        { class: 'stack' },
        this.words,
        h('div', { class: 'row' }, this.progress, this.views),
        h('h3', {}, c.tilted),
        ...tilts,
        h('div', { class: 'row' }, button(c.showBoard, () => void this.board.show(true)), enough),
      ),
      this.board.element,
    );
  }
}
