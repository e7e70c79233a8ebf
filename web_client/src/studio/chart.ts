import { h, svg } from './dom';

const WIDTH = 320;
const HEIGHT = 96;

/** Lines over the last values, drawn from zero up. */
export class Chart {
  readonly element: HTMLElement;
  private readonly lines: SVGElement[];
  private readonly top = h('span', { class: 'top' });
  private readonly values: number[][] = [];

  /**
   * @param names Of the lines, for the legend of whoever hears instead of seeing
   * @param kept How many values are shown
   * @param least The scale goes at least to this value
   */
  constructor(
    names: readonly string[],
    private readonly kept: number,
    private readonly least: number,
  ) {
    this.lines = names.map((_, i) => svg('polyline', { class: `line l${i}`, points: '' }));
    const floor = svg('line', { class: 'floor', x1: 0, x2: WIDTH, y1: HEIGHT - 1, y2: HEIGHT - 1 });
    const picture = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none' }, floor, ...this.lines);
    // The figure lies beside the picture, which is stretched.
    this.element = h('div', { class: 'chart', 'aria-hidden': 'true' }, picture as unknown as Node, this.top);
  }

  /** One value for each line. */
  push(values: readonly number[]): void {
    this.values.push([...values]);
    if (this.values.length > this.kept) this.values.shift();
    const most = Math.max(this.least, ...this.values.flat());
    this.lines.forEach((line, i) => {
      const points = this.values.map((row, k) => {
        const x = WIDTH - ((this.values.length - 1 - k) * WIDTH) / (this.kept - 1);
        return `${x.toFixed(1)},${(HEIGHT - 2 - ((row[i] ?? 0) / most) * (HEIGHT - 18)).toFixed(1)}`;
      });
      line.setAttribute('points', points.join(' '));
    });
    this.top.textContent = String(Math.round(most));
  }
}
