import { limit, STRAIGHT, type View } from './view';

/** Degrees for a drag over the picture's whole height. */
const TURN = 180;
/** Zoom of one notch of a wheel, which browsers tell as about 100. */
const NOTCH = 1.1;
const KEY_STEP = 5;

interface Finger {
  x: number;
  y: number;
}

/**
 * Moves the view by hand: drag to turn, drag with the right button, with Shift or with two fingers to move, wheel or pinch
 * to come nearer, twice a click for the preset. With the keyboard: arrows turn, + and - zoom, 0 is the preset.
 *
 * What is dragged follows the hand, in a mirrored picture too.
 */
export class Orbit {
  readonly view: View = { ...STRAIGHT };
  mirrored = false;
  private readonly fingers = new Map<number, Finger>();

  constructor(
    private readonly canvas: HTMLElement,
    private readonly changed: () => void,
  ) {
    canvas.tabIndex = 0;
    canvas.style.touchAction = 'none';
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    });
    canvas.addEventListener('pointermove', (event) => this.moved(event));
    for (const end of ['pointerup', 'pointercancel'] as const) {
      canvas.addEventListener(end, (event) => this.fingers.delete(event.pointerId));
    }
    canvas.addEventListener('contextmenu', (event) => event.preventDefault());
    canvas.addEventListener('wheel', (event) => this.wheeled(event), { passive: false });
    canvas.addEventListener('dblclick', () => this.set(STRAIGHT));
    canvas.addEventListener('keydown', (event) => this.pressed(event));
  }

  /** Takes over a view. */
  set(view: View): void {
    Object.assign(this.view, view);
    this.done();
  }

  private moved(event: PointerEvent): void {
    const finger = this.fingers.get(event.pointerId);
    if (finger === undefined) return;
    const before = this.spread();
    const height = Math.max(this.canvas.clientHeight, 1);
    const right = ((event.clientX - finger.x) / height) * (this.mirrored ? -1 : 1);
    const down = (event.clientY - finger.y) / height;
    finger.x = event.clientX;
    finger.y = event.clientY;
    if (this.fingers.size > 1) {
      this.move(right / this.fingers.size, down / this.fingers.size);
      if (before > 0) this.view.zoom *= this.spread() / before;
    } else if (event.buttons & 2 || event.buttons & 4 || event.shiftKey) {
      this.move(right, down);
    } else {
      this.view.yaw -= right * TURN;
      this.view.pitch += down * TURN;
    }
    this.done();
  }

  private move(right: number, down: number): void {
    this.view.x += right / this.view.zoom;
    this.view.y -= down / this.view.zoom;
  }

  /** Pixels between two fingers. */
  private spread(): number {
    const [a, b] = [...this.fingers.values()];
    return a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 0;
  }

  private wheeled(event: WheelEvent): void {
    event.preventDefault();
    // Some browsers tell lines instead of pixels.
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 33 : event.deltaY;
    this.view.zoom *= NOTCH ** (-Math.max(-300, Math.min(pixels, 300)) / 100);
    this.done();
  }

  private pressed(event: KeyboardEvent): void {
    const { view } = this;
    const step = this.mirrored ? -KEY_STEP : KEY_STEP;
    if (event.key === 'ArrowLeft') view.yaw += step;
    else if (event.key === 'ArrowRight') view.yaw -= step;
    else if (event.key === 'ArrowUp') view.pitch -= KEY_STEP;
    else if (event.key === 'ArrowDown') view.pitch += KEY_STEP;
    else if (event.key === '+' || event.key === '=') view.zoom *= NOTCH;
    else if (event.key === '-') view.zoom /= NOTCH;
    else if (event.key === '0') Object.assign(view, STRAIGHT);
    else return;
    event.preventDefault();
    this.done();
  }

  private done(): void {
    limit(this.view);
    this.changed();
  }
}
