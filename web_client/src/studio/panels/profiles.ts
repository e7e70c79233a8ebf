import { CalibrationDialog } from '../calibration/dialog';
import { CameraGuide } from '../calibration/camera';
import { FaceGuide } from '../calibration/face';
import { select, toggle, type Field } from '../controls';
import type { Context, Panel } from '../context';
import { button, h, say } from '../dom';
import type { Marks, Truth, Vitals } from '../truth';

/** The performers that were measured, by name; their calibration, and the ways back from it. */
export class ProfilesPanel implements Panel {
  readonly element: HTMLElement;
  private readonly place = h('div', {});
  private readonly measured = h('p', { class: 'hint' });
  private readonly dialogs: Record<'face' | 'camera', CalibrationDialog>;
  private readonly underWay = h('p', { class: 'box row spread', hidden: true });
  private readonly back: HTMLButtonElement;
  private readonly refine: Field;
  private readonly unrefine: HTMLButtonElement;
  private choice: Field | null = null;
  private known = '';
  private kind: 'face' | 'camera' = 'face';

  constructor(private readonly studio: Context) {
    const { t } = studio;
    const p = t.profiles;
    const name = h('input', { type: 'text', 'aria-label': p.saveAs, placeholder: p.saveAs });
    const save = button(p.save, () => void studio.act({ do: 'save_profile', name: name.value.trim() }));
    this.dialogs = {
      face: new CalibrationDialog(studio, new FaceGuide(studio)),
      camera: new CalibrationDialog(studio, new CameraGuide(studio)),
    };
    this.back = button(p.back, () => void studio.act({ do: 'swap_profile' }));
    this.refine = toggle(p.refine, (on) => void studio.act({ do: 'set', section: 'pipeline', key: 'refine', value: on }), p.refineText);
    this.unrefine = button(p.unrefine, () => void studio.act({ do: 'unrefine' }).then((done) => done && studio.tell(p.unrefined)));
    this.underWay.append(p.underWay, button(p.showIt, () => this.dialogs[this.kind].open()));
    this.element = h(
      'div',
      { class: 'stack' },
      h('p', { class: 'intro' }, p.intro),
      this.underWay,
      h('section', { class: 'box stack' }, this.place, this.measured, h('div', { class: 'row grow' }, name, save)),
      this.offer('face', p.face, p.faceText),
      this.offer('camera', p.camera, p.cameraText),
      h('section', { class: 'box stack' }, this.refine.element, h('div', { class: 'row' }, this.unrefine, this.back)),
      this.dialogs.face.element,
      this.dialogs.camera.element,
    );
  }

  show(truth: Truth): void {
    const { t } = this.studio;
    const p = t.profiles;
    const names = truth.profiles.join('\n');
    if (this.choice === null || names !== this.known) {
      this.known = names;
      const options = [['', p.newcomer] as const, ...truth.profiles.map((name) => [name, name] as const)];
      this.choice = select(p.current, options, (value) => void this.studio.act({ do: 'choose', what: 'profile', value }));
      this.place.replaceChildren(this.choice.element);
    }
    this.choice.set(truth.run.profile);
    const { made, camera, refined, before } = truth.calibrated;
    say(this.measured, [made && `${p.made} ${made}`, camera && `${p.cameraMade} ${camera.join(' × ')}`].filter(Boolean).join(' · '));
    this.refine.set(truth.settings['pipeline']?.['refine'] ?? false);
    this.unrefine.disabled = refined === 0;
    this.back.disabled = !before;
  }

  tick(vitals: Vitals): void {
    const told = vitals.calibration;
    this.underWay.hidden = told === null;
    if (told !== null) this.kind = told.kind;
    for (const dialog of Object.values(this.dialogs)) dialog.tick(vitals);
  }

  preview(picture: ArrayBuffer, marks: Marks[]): void {
    for (const dialog of Object.values(this.dialogs)) dialog.preview(picture, marks);
  }

  private offer(kind: 'face' | 'camera', title: string, text: string): HTMLElement {
    const begin = button(title, () => this.dialogs[kind].open(), kind === 'face' ? 'primary' : '');
    return h('section', { class: 'box stack', 'aria-label': title }, h('h3', {}, title), h('p', {}, text), h('div', { class: 'row' }, begin));
  }
}
