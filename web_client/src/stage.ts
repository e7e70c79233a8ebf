import { AmbientLight, DirectionalLight, NoToneMapping, PerspectiveCamera, Scene, SRGBColorSpace, WebGLRenderer } from 'three';
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';
import type { Avatar, Figure } from './avatar/avatar';
import { frame } from './framing';
import type { Background, CameraName, Quality } from './options';

/** Vertical angle of view, degrees: long, as a portrait lens, so that faces are not distorted. */
const FOV = 22;
/** Beyond two pixels a point nobody sees the difference, and the graphics card draws four times as much. */
const MOST_PIXELS = 2;

/** The canvas: renderer, lights, camera, and one avatar. */
export class Stage {
  readonly canvas: HTMLCanvasElement;
  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly camera = new PerspectiveCamera(FOV, 1, 0.05, 100);
  private readonly controls: OrbitControls;
  private figure: Figure | null = null;
  private avatar: Avatar | null = null;
  private preset: CameraName;
  /** Whether the camera stands where the preset put it, and so may follow the picture's size. */
  private atPreset = true;

  constructor(canvas: HTMLCanvasElement, quality: Quality, preset: CameraName, orbit: boolean) {
    this.canvas = canvas;
    this.preset = preset;
    this.renderer = new WebGLRenderer({ canvas, alpha: true, antialias: quality === 'high', powerPreference: 'high-performance' });
    this.renderer.setPixelRatio(quality === 'high' ? Math.min(devicePixelRatio, MOST_PIXELS) : 1);
    this.renderer.setClearColor(0x000000, 0);
    this.renderer.outputColorSpace = SRGBColorSpace;
    // MToon's colours are the picture's own: a film curve would grey them.
    this.renderer.toneMapping = NoToneMapping;
    this.addLights();
    this.controls = this.makeControls(orbit);
    new ResizeObserver(() => this.resize()).observe(canvas);
    this.resize();
  }

  get cameraName(): CameraName {
    return this.preset;
  }

  /** Puts an avatar on the stage in place of the old one, which is not disposed of. */
  show(avatar: Avatar, old: Avatar | null): void {
    old?.object.removeFromParent();
    this.scene.add(avatar.object);
    this.avatar = avatar;
    this.figure = avatar.figure;
    this.frame(this.preset);
  }

  /** Moves the camera to a preset. */
  frame(preset: CameraName): void {
    this.preset = preset;
    this.atPreset = true;
    if (this.figure === null) return;
    const { height, distance } = frame(preset, this.figure, FOV, this.camera.aspect);
    this.controls.target.set(0, height, 0);
    this.camera.position.set(0, height, distance);
    this.controls.minDistance = distance * 0.2;
    this.controls.maxDistance = distance * 8;
    this.controls.update();
    this.atPreset = true;
  }

  draw(): void {
    this.avatar?.beforeDraw?.(this.renderer);
    this.renderer.render(this.scene, this.camera);
  }

  private makeControls(orbit: boolean): OrbitControls {
    const controls = new OrbitControls(this.camera, this.canvas);
    controls.enabled = orbit;
    controls.screenSpacePanning = true;
    controls.maxPolarAngle = Math.PI * 0.95;
    controls.addEventListener('change', () => {
      this.atPreset = false;
    });
    if (orbit) this.canvas.addEventListener('dblclick', () => this.frame(this.preset));
    return controls;
  }

  private addLights(): void {
    // MToon divides by pi, as physical shading does: an intensity of pi shows a lit colour as it was painted.
    const key = new DirectionalLight(0xfff8f2, Math.PI * 0.78);
    key.position.set(0.6, 1.1, 1.6);
    const fill = new AmbientLight(0xeef2ff, Math.PI * 0.2);
    this.scene.add(key, fill);
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.canvas;
    if (clientWidth === 0 || clientHeight === 0) return;
    this.renderer.setSize(clientWidth, clientHeight, false);
    this.camera.aspect = clientWidth / clientHeight;
    this.camera.updateProjectionMatrix();
    if (this.atPreset) this.frame(this.preset);
    this.draw();
  }
}

/** Shows a background behind the canvas, which itself is always transparent. */
export function setBackground(background: Background): void {
  const root = document.documentElement;
  root.dataset['background'] = background.startsWith('#') ? 'colour' : background;
  root.style.setProperty('--colour', background.startsWith('#') ? background : 'transparent');
}
