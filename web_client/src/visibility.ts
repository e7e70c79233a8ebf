/** Whether anybody can see the page: a hidden tab or a hidden OBS source is not drawn. */

declare global {
  interface Window {
    /** Put there by OBS in its browser sources. */
    readonly obsstudio?: unknown;
  }
}

interface ObsVisible {
  visible?: boolean;
}
interface ObsActive {
  active?: boolean;
}

export function inObs(): boolean {
  return window.obsstudio !== undefined;
}

/** Calls back with every change. */
export class Visibility {
  private shown = true;
  private active = false;

  constructor(private readonly changed: (visible: boolean) => void) {
    document.addEventListener('visibilitychange', () => this.report());
    window.addEventListener('obsSourceVisibleChanged', (event) => {
      this.shown = (event as CustomEvent<ObsVisible>).detail?.visible ?? true;
      this.report();
    });
    window.addEventListener('obsSourceActiveChanged', (event) => {
      this.active = (event as CustomEvent<ObsActive>).detail?.active ?? false;
      this.report();
    });
  }

  /** A source in the programme picture is drawn even where OBS' preview does not show it. */
  get visible(): boolean {
    return document.visibilityState === 'visible' && (this.shown || this.active);
  }

  private report(): void {
    this.changed(this.visible);
  }
}
