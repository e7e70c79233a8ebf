import { svg } from './dom';

const WIDTH = 320;
const HEIGHT = 96;

/** Lines over the last values, drawn from zero up. */
export class Chart {
  readonly element: SVGElement;
  private readonly lines: SVGElement[];
  private readonly top: SVGElement;
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
    this.top = svg('text', { x: 4, y: 12 });
    const floor = svg('line', { class: 'floor', x1: 0, x2: WIDTH, y1: HEIGHT - 1, y2: HEIGHT - 1 });
    this.element = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', class: 'chart', 'aria-hidden': 'true' }, floor, ...this.lines, this.top);
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
