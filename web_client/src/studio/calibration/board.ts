import type { Context } from '../context';
import { button, h, say, svg } from '../dom';
import type { BoardDrawing } from './told';

const PAPERS = ['a4', 'letter'] as const;

/** The board, as large as the page: for a camera that is held in the hand, or for a tablet held before the camera. */
export class BoardView {
  readonly element: HTMLElement;
  private readonly place = h('div', { class: 'board' });
  private readonly words = h('p', { role: 'status' });
  private drawn = false;

  constructor(private readonly studio: Context) {
    const c = studio.t.calibration;
    this.element = h(
      'div',
      { class: 'board-view', hidden: true },
      this.place,
      h('div', { class: 'row spread' }, this.words, button(c.hideBoard, () => void this.show(false))),
    );
  }

  async show(on: boolean): Promise<void> {
    this.element.hidden = !on;
    if (!on) {
      if (document.fullscreenElement === this.element) await document.exitFullscreen();
      return;
    }
    await this.element.requestFullscreen?.().catch(() => undefined);
    if (this.drawn) return;
    this.drawn = true;
    const { width, height, boxes } = await this.studio.link.ask<BoardDrawing>('board');
    const path = boxes.map(([x, y, w, down]) => `M${x} ${y}h${w}v${down}h-${w}z`).join('');
    const picture = svg('svg', { viewBox: `0 0 ${width} ${height}`, 'shape-rendering': 'crispEdges', role: 'img', 'aria-label': this.studio.t.calibration.board }, svg('path', { d: path }));
    this.place.replaceChildren(picture);
  }

  /** What to do next, below the board. */
  say(text: string): void {
    say(this.words, text);
  }
}

/** The board as PDFs in true size. */
export function papers(studio: Context): HTMLElement {
  const c = studio.t.calibration;
  const save = async (paper: string): Promise<void> => {
    const pdf = await studio.link.ask<ArrayBuffer>(`board_${paper}`).catch(() => null);
    if (pdf === null) return;
    const address = URL.createObjectURL(new Blob([pdf], { type: 'application/pdf' }));
    h('a', { href: address, download: `board-${paper}.pdf` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  };
  return h('div', { class: 'row' }, ...PAPERS.map((paper) => button(c.papers[paper], () => void save(paper))));
}
