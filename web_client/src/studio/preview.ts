import { h } from './dom';
import type { Link } from './link';
import type { Marks } from './truth';

const AXIS_COLOURS = ['#ff6b81', '#5fe0a2', '#7aa8ff'];
/** Of the canvas while no picture says its own, px. */
const SIZE = { width: 480, height: 360 };

/** The camera's picture as in a looking-glass, with what is seen in it. Nothing is sent here unless it is switched on. */
export class Preview {
  readonly element: HTMLElement;
  private readonly canvas = h('canvas', { ...SIZE, role: 'img' });
  private want: 'picture' | 'marks' | 'nothing' = 'nothing';
  private suspended = true;
  private drawing = false;

  constructor(
    private readonly link: Link,
    label: string,
  ) {
    this.canvas.setAttribute('aria-label', label);
    this.element = h('div', { class: 'preview', hidden: true }, this.canvas);
  }

  whole(on: boolean): void {
    this.wants(on ? 'picture' : 'nothing');
  }

  marksAlone(on: boolean): void {
    this.wants(on ? 'marks' : 'nothing');
  }

  /** While its panel is closed, nothing is asked for. */
  suspend(away: boolean): void {
    this.suspended = away;
    this.ask();
  }

  private wants(what: typeof this.want): void {
    this.want = what;
    this.element.hidden = what === 'nothing';
    this.element.parentElement?.querySelectorAll('input[role=switch]').forEach((input, i) => {
      (input as HTMLInputElement).checked = what === (i === 0 ? 'picture' : 'marks');
    });
    this.ask();
  }

  private ask(): void {
    this.link.look(this.suspended ? 'nothing' : this.want);
  }

  draw(picture: ArrayBuffer, marks: readonly Marks[]): void {
    if (this.want === 'nothing' || this.drawing) return;
    this.drawing = true;
    void this.paint(picture, marks).finally(() => {
      this.drawing = false;
    });
  }

  private async paint(picture: ArrayBuffer, marks: readonly Marks[]): Promise<void> {
    const bitmap = picture.byteLength > 0 ? await createImageBitmap(new Blob([picture], { type: 'image/jpeg' })) : null;
    const { canvas } = this;
    if (bitmap && (canvas.width !== bitmap.width || canvas.height !== bitmap.height)) {
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
    }
    const pen = canvas.getContext('2d');
    if (pen === null) return;
    pen.setTransform(-1, 0, 0, 1, canvas.width, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    if (bitmap) pen.drawImage(bitmap, 0, 0);
    bitmap?.close();
    for (const mark of marks) this.mark(pen, mark);
    canvas.dataset['faces'] = String(marks.length);
  }

  private mark(pen: CanvasRenderingContext2D, mark: Marks): void {
    const { width, height } = this.canvas;
    pen.fillStyle = '#d9d0ff';
    for (const [x, y] of mark.points) {
      pen.beginPath();
      pen.arc(x * width, y * height, 1.8, 0, 2 * Math.PI);
      pen.fill();
    }
    pen.lineWidth = 2.5;
    const stroke = (line: [number, number][], colour: string): void => {
      pen.strokeStyle = colour;
      pen.beginPath();
      for (const [x, y] of line) pen.lineTo(x * width, y * height);
      pen.stroke();
    };
    mark.axes.forEach((line, i) => stroke(line, AXIS_COLOURS[i] ?? '#fff'));
    for (const line of mark.rays) stroke(line, '#ffd27a');
  }
}
