"""What findings say, in English; web_client/src/studio/texts says the same in other languages, by the same names."""

from __future__ import annotations

TEXTS = {
    "sourceTrouble": "what you chose last could not be had: {problem}",
    "cameraNone": "none was found when the program started: plug one in, and choose it",
    "cameraSilent": "nothing comes from {source}: is it plugged in, and on?",
    "appSilent": "nothing comes from {source}: start that app, and let it send here",
    "cameraWell": "{source}",
    "heldBy": "{camera} is open in {users}: close that, or its picture there",
    "heldWindows": "another program may hold it: Settings, Privacy & security, Camera says which one uses it now",
    "heldMac": "another program may hold it: the green dot in the menu bar leads to Control Centre, which names it",
    "formatWell": "{real}",
    "formatOther": "{real}, since the camera has no {asked}",
    "rateWell": "{fps} frames a second",
    "rateSlow": "{fps} frames a second instead of {wanted}: more light helps (cameras expose longer in the dark), "
    "and so does a USB port of its own",
    "lightDark": "too dark ({level} of 255): put a lamp in front of you",
    "lightBright": "too bright ({level} of 255): turn the light away from the camera",
    "lightWell": "{level} of 255",
    "faceNone": "nobody is seen: sit in front of the camera, and mind a cover over the lens",
    "faceSmall": "seen, but small ({share} % of the picture): come nearer",
    "faceEdge": "at the edge of the picture: turn the camera, or move to its middle",
    "faceWell": "seen, {share} % of the picture wide",
    "sunglasses": "dark glasses seem to hide your eyes: blinks and gaze cannot be read through them",
    "maskWorn": "a mask seems to hide your mouth: what it does cannot be read through it",
    "modelsWell": "whole, in {folder}",
    "modelsBad": "{problem}",
    "listening": "port {port} is open for {name}",
    "viewersNone": "no page with the avatar is open: copy the OBS address, or open the viewer",
    "viewersWell": "{count} pages answer",
    "viewersSilent": "{silent} of {count} pages have not answered for {seconds} s: load them anew, or close what keeps "
    "the computer busy",
    "outputSending": "{sent} packets sent",
    "outputWaiting": "waits for movement; {sent} packets sent",
    "outputNobody": "{problem}: start the program that listens, or mend its address and port here",
    "outputRefused": "{problem}: allow this program in the other one",
    "outputFailed": "{problem}; it is tried again by itself",
    "cpuWell": "this program takes {share} % of one processor core of {cores}",
    "cpuBusy": "this program takes {share} % of one processor core of {cores}: close other programs, or ask the camera "
    "for fewer frames",
    "loadHigh": "{load} programs want to work at once on {cores} processor cores: close what you do not need",
}
