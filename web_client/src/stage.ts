import { Group, NoToneMapping, PerspectiveCamera, Scene, SRGBColorSpace, WebGLRenderer } from 'three';
import type { Avatar } from './avatar/avatar';
import { frame, type Framing, liftsOf, placesOf } from './framing';
import { Lights } from './light';
import { type CameraName, isPicture, type Look, type Quality } from './look';
import { Orbit } from './orbit';
import { Shadow } from './shadow';
import { STRAIGHT, type View } from './view';

/** Vertical angle of view, degrees: long, as a portrait lens, so that faces are not distorted. */
const FOV = 22;
/** Beyond two pixels a point nobody sees the difference, and the graphics card draws four times as much. */
const MOST_PIXELS = 2;

/** What the graphics card holds, in pieces. */
export interface Resources {
  geometries: number;
  textures: number;
  programs: number;
}

interface Standing {
  avatar: Avatar;
  shadow: Shadow;
  /** Holds the avatar where it stands. */
  place: Group;
}

/** The canvas: renderer, lights, camera, and the avatars. */
export class Stage {
  /** Called when the user moved the camera. */
  viewed: (view: View) => void = () => undefined;
  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly nothing = new Scene();
  private readonly camera = new PerspectiveCamera(FOV, 1, 0.05, 200);
  private readonly lights = new Lights();
  private readonly orbit: Orbit | null;
  private readonly standing: (Standing | null)[];
  private view: View;
  private preset: CameraName;
  private framing: Framing | null = null;
  private outline = true;
  private shadows = true;

  /**
   * @param orbit Whether the camera can be moved by hand
   * @param people How many avatars stand here
   * @param places Where they stand, metres to the picture's right; null for side by side
   */
  constructor(
    readonly canvas: HTMLCanvasElement,
    look: Look,
    orbit: boolean,
    people: number,
    private readonly places: readonly number[] | null,
  ) {
    this.standing = Array.from({ length: people }, () => null);
    this.renderer = new WebGLRenderer({ canvas, alpha: true, antialias: look.quality === 'high', powerPreference: 'high-performance' });
    this.renderer.setClearColor(0x000000, 0);
    this.renderer.outputColorSpace = SRGBColorSpace;
    // MToon's colours are the picture's own: a film curve would grey them.
    this.renderer.toneMapping = NoToneMapping;
    this.scene.add(this.lights.object);
    this.preset = look.camera;
    this.view = { ...look.view };
    this.orbit = orbit ? new Orbit(canvas, () => this.turned()) : null;
    this.orbit?.set(this.view);
    this.setLook(look);
    new ResizeObserver(() => this.resize()).observe(canvas);
    this.resize();
  }

  /** Takes over light, outline, shadow, quality and mirror; the camera has its own functions. */
  setLook({ light, outline, shadow, quality, mirror }: Look): void {
    this.lights.set(light);
    this.outline = outline;
    this.shadows = shadow;
    for (const standing of this.standing) standing?.avatar.showOutline?.(outline);
    this.canvas.classList.toggle('mirrored', mirror);
    if (this.orbit) this.orbit.mirrored = mirror;
    this.setQuality(quality);
  }

  /** Shows an avatar at a seat, in place of another; the other is not disposed. */
  show(seat: number, avatar: Avatar): void {
    const old = this.standing[seat];
    old?.place.removeFromParent();
    old?.shadow.dispose();
    const place = new Group().add(avatar.object);
    const shadow = new Shadow();
    avatar.showOutline?.(this.outline);
    this.scene.add(place, shadow.object);
    this.standing[seat] = { avatar, shadow, place };
    this.arrange();
  }

  /** Moves the camera to a preset, and from there to a view. */
  frame(preset: CameraName, view: View = STRAIGHT): void {
    this.preset = preset;
    this.view = { ...view };
    if (this.orbit) Object.assign(this.orbit.view, view);
    this.arrange();
  }

  draw(): void {
    for (const standing of this.standing) {
      if (standing === null) continue;
      standing.avatar.beforeDraw?.(this.renderer);
      if (this.shadows) standing.shadow.follow(standing.avatar);
      else standing.shadow.object.visible = false;
    }
    this.renderer.render(this.scene, this.camera);
  }

  /** Draws an empty picture: what drawing costs before there is anything to draw. */
  drawNothing(): void {
    this.renderer.render(this.nothing, this.camera);
  }

  resources(): Resources {
    const { geometries, textures } = this.renderer.info.memory;
    return { geometries, textures, programs: this.renderer.info.programs?.length ?? 0 };
  }

  /** Where an avatar stands, and the camera before them all. */
  private arrange(): void {
    const figures = this.standing.map((standing) => standing?.avatar.figure ?? null);
    const places = placesOf(figures, this.places);
    const lifts = liftsOf(this.preset, figures);
    const placed = this.standing.flatMap((standing, i) => {
      if (standing === null) return [];
      const [x, y] = [places[i]!, lifts[i]!];
      const { position } = standing.place;
      if (position.x !== x || position.y !== y) {
        position.set(x, y, 0);
        standing.place.updateMatrixWorld(true);
        standing.avatar.settle();
      }
      return [{ figure: standing.avatar.figure, x, y }];
    });
    this.framing = placed.length > 0 ? frame(this.preset, placed, FOV, this.camera.aspect) : null;
    this.aim();
  }

  private turned(): void {
    this.view = { ...this.orbit!.view };
    this.viewed(this.view);
    this.aim();
  }

  /** The camera where preset and view put it. */
  private aim(): void {
    if (this.framing === null) return;
    const { height, distance } = this.framing;
    const { yaw, pitch, zoom, x, y } = this.view;
    const [around, up] = [(yaw * Math.PI) / 180, (pitch * Math.PI) / 180];
    const away = distance / zoom;
    const tall = 2 * distance * Math.tan((FOV * Math.PI) / 360);
    this.camera.position.set(Math.sin(around) * Math.cos(up) * away, height + Math.sin(up) * away, Math.cos(around) * Math.cos(up) * away);
    this.camera.lookAt(0, height, 0);
    this.camera.translateX(-x * tall);
    this.camera.translateY(-y * tall);
    this.camera.far = away + distance * 4 + 20;
    this.camera.updateProjectionMatrix();
  }

  private setQuality(quality: Quality): void {
    const pixels = quality === 'high' ? Math.min(devicePixelRatio, MOST_PIXELS) : 1;
    if (pixels === this.renderer.getPixelRatio()) return;
    this.renderer.setPixelRatio(pixels);
    this.resize();
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.canvas;
    if (clientWidth === 0 || clientHeight === 0) return;
    this.renderer.setSize(clientWidth, clientHeight, false);
    this.camera.aspect = clientWidth / clientHeight;
    this.camera.updateProjectionMatrix();
    this.arrange();
    this.draw();
  }
}

/** Shows a background behind the canvas, which itself is always transparent. */
export function setBackground(background: string): void {
  const root = document.documentElement;
  const kind = background.startsWith('#') ? 'colour' : isPicture(background) ? 'picture' : background;
  root.dataset['background'] = kind;
  root.style.setProperty('--colour', kind === 'colour' ? background : 'transparent');
  root.style.setProperty('--picture', kind === 'picture' ? `url("${encodeURI(decodeURI(background))}")` : 'none');
}
