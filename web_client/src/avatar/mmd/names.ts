/** A name as it is compared: full-width digits and half-width kana made usual, no spaces, small letters. A dash says something: お- is not お. */
export function fold(name: string): string {
  return name.normalize('NFKC').toLowerCase().replace(/[\s_.・]+/g, '');
}

/** Bones of the middle and of the left side: VRM name -> MMD's, folded; the English ones are those of MMD's own list. */
const BONES: Readonly<Record<string, readonly string[]>> = {
  hips: ['グルーブ', 'groove', 'センター', 'center', 'hips'],
  spine: ['上半身', 'upperbody', 'spine'],
  chest: ['上半身2', 'upperbody2', 'chest'],
  upperChest: ['上半身3', 'upperbody3', 'upperchest'],
  neck: ['首', 'neck'],
  head: ['頭', 'head'],
  leftEye: ['左目', 'lefteye', 'eyel'],
  leftShoulder: ['左肩', 'leftshoulder', 'shoulderl'],
  leftUpperArm: ['左腕', 'leftarm', 'arml', 'leftupperarm'],
  leftLowerArm: ['左ひじ', '左肘', 'leftelbow', 'elbowl', 'leftlowerarm'],
  leftHand: ['左手首', 'leftwrist', 'wristl', 'lefthand'],
  leftThumbMetacarpal: ['左親指0', 'thumb0l'],
  leftThumbProximal: ['左親指1', 'thumb1l'],
  leftThumbDistal: ['左親指2', 'thumb2l'],
  leftUpperLeg: ['左足', 'leftleg', 'legl', 'leftupperleg'],
  leftLowerLeg: ['左ひざ', '左膝', 'leftknee', 'kneel', 'leftlowerleg'],
  leftFoot: ['左足首', 'leftankle', 'anklel', 'leftfoot'],
};
const FINGERS: Readonly<Record<string, readonly [string[], string]>> = {
  Index: [['人指', '人差指', '人差し指'], 'fore'],
  Middle: [['中指'], 'middle'],
  Ring: [['薬指'], 'third'],
  Little: [['小指'], 'little'],
};
const JOINTS = ['Proximal', 'Intermediate', 'Distal'] as const;

function everyBone(): Map<string, readonly string[]> {
  const bones = new Map(Object.entries(BONES));
  for (const [finger, [japanese, english]] of Object.entries(FINGERS)) {
    JOINTS.forEach((joint, i) => {
      bones.set(`left${finger}${joint}`, [...japanese.map((name) => `左${name}${i + 1}`), `${english}${i + 1}l`]);
    });
  }
  for (const [name, spellings] of [...bones]) {
    if (name.startsWith('left')) bones.set(name.replace('left', 'right'), spellings.map(toRight));
  }
  return bones;
}

function toRight(spelling: string): string {
  if (spelling.startsWith('左')) return `右${spelling.slice(1)}`;
  return spelling.startsWith('left') ? spelling.replace('left', 'right') : spelling.replace(/l$/, 'r');
}

/** VRM bone -> the names that MMD models have for it, folded, the most usual first. */
export const BONE_NAMES: ReadonlyMap<string, readonly string[]> = everyBone();

/** The bone on which both eyes hang, in models whose single ones are not meant to be turned. */
export const BOTH_EYES: readonly string[] = ['両目', 'eyes', 'botheyes'];
/** What moves the body while feet stay where they are. */
export const CENTRES: readonly string[] = ['センター', 'center', 'グルーブ', 'groove'];
/** Chains that end in a foot: the inverse kinematics that a standing body needs. */
export const FOOT_IK = /足ik|つま先ik|leg.*ik|toe.*ik|foot.*ik/;

/** Morphs by what they show, folded, the most usual first. */
export const MORPHS = {
  aa: ['あ', 'a', 'ア', 'ワ', 'あ1'],
  ih: ['い', 'i', 'イ', 'い1'],
  ou: ['う', 'u', 'ウ', 'う1'],
  ee: ['え', 'e', 'エ', 'え1'],
  oh: ['お', 'o', 'オ', 'お1', '○'],
  blink: ['まばたき', '瞬き', 'blink', '目閉じ', 'まばたき両目'],
  smilingBlink: ['笑い', '笑い目', 'blinkhappy', 'にこ目'],
  wide: ['びっくり', 'びっくり目', '驚き', 'surprised', '見開き'],
  browsUp: ['上', '眉上', '眉上げ', 'browup', 'まゆ上'],
  browsDown: ['下', '眉下', '眉下げ', 'browdown', 'まゆ下'],
  browsSmiling: ['にこり', '眉にこり', 'cheerful'],
  browsTroubled: ['困る', '眉困る', 'sadness', 'trouble'],
  browsAngry: ['怒り', '眉怒り', 'anger', 'angry'],
  smile: ['口角上げ', 'にやり', 'にっこり', 'にやり2', 'にっ', 'smile', 'grin', '∪'],
  frown: ['口角下げ', '∧', 'へ', 'むっ', 'frown'],
  stretch: ['口横広げ', '口横開き', 'いー'],
  tongue: ['ぺろっ', 'てへぺろ', '舌出し', 'べー', 'あっかんべー', 'ぺろ'],
  puff: ['ぷくっ', 'ぷくー', '頬膨らみ', 'ぷく'],
  lookLeft: ['目左', '視線左', '瞳左', 'lookleft'],
  lookRight: ['目右', '視線右', '瞳右', 'lookright'],
  lookUp: ['目上', '視線上', '瞳上', 'lookup'],
  lookDown: ['目下', '視線下', '瞳下', 'lookdown'],
} as const satisfies Record<string, readonly string[]>;
export type Shown = keyof typeof MORPHS;

/** Lids of one eye, folded: those that close plainly, then those that close smiling. Which eye it is, its points tell. */
export const WINKS: readonly (readonly string[])[] = [
  ['ウィンク2', 'ウィンク2右', 'ウインク2', 'ウインク2右', 'ウィンク2左', 'ウインク2左', 'wink2', 'wink2right', 'winkl2', 'winkr2'],
  ['まばたき左', 'まばたき右', '左まばたき', '右まばたき', '左目閉じ', '右目閉じ', 'blinkleft', 'blinkright', 'blinkl', 'blinkr'],
  ['ウィンク', 'ウィンク右', 'ウインク', 'ウインク右', 'ウィンク左', 'ウインク左', 'wink', 'winkright', 'winkleft', 'winkl', 'winkr'],
];
