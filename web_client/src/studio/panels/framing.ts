import { select, slider, type Field } from '../controls';
import type { Context } from '../context';
import { button, h } from '../dom';
import type { Truth } from '../truth';

/** yaw, pitch, zoom, x and y, as in the viewer's address. */
type View = [number, number, number, number, number];

const STRAIGHT: View = [0, 0, 1, 0, 0];
const CAMERAS = ['bust', 'face', 'full'] as const;
/** Which of them, its bounds, and its name among the texts. */
const MOVES = [
  [2, { least: 0.4, most: 3, step: 0.05 }, 'nearer'],
  [3, { least: -1, most: 1, step: 0.02 }, 'aside'],
  [4, { least: -1, most: 1, step: 0.02 }, 'up'],
  [0, { least: -90, most: 90, step: 1 }, 'round'],
  [1, { least: -45, most: 45, step: 1 }, 'above'],
] as const;

/** How the avatar on stage is framed, for it alone, wherever the viewer's address does not say it. */
export class FramingBox {
  readonly element: HTMLElement;
  private readonly camera: Field;
  private readonly moves: [Field, number][] = [];
  private now = { camera: '', view: STRAIGHT };

  constructor(private readonly studio: Context) {
    const { t } = studio;
    this.camera = select(t.framing.camera, CAMERAS.map((name) => [name, t.framing[name]] as const), (camera) => this.send({ camera }));
    for (const [place, bounds, name] of MOVES) {
      this.moves.push([slider(t.framing[name], bounds, (value) => this.send({ view: this.now.view.map((old, i) => (i === place ? value : old)) as View })), place]);
    }
    this.element = h(
      'details',
      { class: 'box' },
      h('summary', {}, t.framing.title),
      h('div', { class: 'settings' }, this.camera.element, ...this.moves.map(([{ element }]) => element)),
      button(t.reset, () => this.send({ camera: '', view: STRAIGHT }), 'quiet'),
    );
  }

  show({ own }: Truth): void {
    const numbers = own.view.split(',').map(Number);
    this.now = { camera: own.camera, view: STRAIGHT.map((usual, i) => (own.view === '' ? usual : (numbers[i] ?? usual))) as View };
    this.camera.set(own.camera || 'bust');
    for (const [field, place] of this.moves) field.set(this.now.view[place]!);
  }

  private send(change: Partial<typeof this.now>): void {
    this.now = { ...this.now, ...change };
    const { camera, view } = this.now;
    const straight = view.every((value, i) => value === STRAIGHT[i]);
    void this.studio.act({ do: 'frame', camera, view: straight ? '' : view.map((value) => Number(value.toFixed(3))).join(',') });
  }
}
