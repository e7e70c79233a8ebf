"""How close to the truth? Any tracker, filter and profile against outside truth, in one table.

    python -m tests.performance.accuracy [--quick] [--tracker T] [--filter F] [--profile P] [--set part.key=value]...
                                         [--mediapipe] [--openseeface CHECKOUT] [--data FOLDER] [--jobs N]
                                         [--json OUT] [--readme]

What is read, in FOLDER (../shared/data when it is not given), each as far as it is there:

    gt/*.npz, *.mp4      rendered heads: pose, landmarks, gaze, shapes of every frame        rendered.py
    pose/**/*.mat        pictures with a head pose, as AFLW2000 and 300W-LP have them        stills.py
    pose/direction_labelled/pose_<direction>*.jpg   which way the head is turned             stills.py
    lm/**/*.pts, *.xml, *.json   68 points on real faces: 300-W, 300-VW, menpo, dlib         landmarks.py
    gaze/**/*.pkl        SynthesEyes: the gaze of the left eye                               stills.py
    blendshapes/**/*_arkit_cal.csv, *_mediapipe.csv   ARKit's weights beside the scores      arkit.py

The figures in the README are kept in figures.json; --readme measures the default parts and writes both.
"""
