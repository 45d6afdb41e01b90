"""Rules about sequences: transcription and language models."""

from traindx.rules.rule import Rule
from traindx.rules.sequence.ctc_emits_blanks import CtcEmitsBlanks
from traindx.rules.sequence.labels_masked_out import LabelsMaskedOut
from traindx.rules.sequence.more_errors_than_words import MoreErrorsThanWords
from traindx.rules.sequence.sees_the_answer import SeesTheAnswer
from traindx.rules.sequence.stuck_at_frequencies import StuckAtFrequencies
from traindx.rules.sequence.teacher_forcing_gap import TeacherForcingGap

RULES: tuple[type[Rule], ...] = (
    CtcEmitsBlanks,
    MoreErrorsThanWords,
    StuckAtFrequencies,
    SeesTheAnswer,
    LabelsMaskedOut,
    TeacherForcingGap,
)
