"""Flags that contradict each other or name what is not there, found before anything is read."""

import argparse
from pathlib import Path

import torch

PROMPT_LEN = 4
BEST = "best_model.pth"
LAST = "last.pt"


class SettingError(ValueError):
    """A flag that cannot be honoured; the message names it."""


def check(a: argparse.Namespace) -> None:
    """Raises SettingError for the first flag that cannot be honoured."""
    for wrong, message in problems(a):
        if wrong:
            raise SettingError(message)


def problems(a: argparse.Namespace) -> list[tuple[bool, str]]:
    """What would be wrong, and the message for it."""
    scratch = a.do_train and a.use_prompt and not a.load_path and not will_resume(a)
    return [
        (not (a.do_train or a.only_test), "nothing to do: give --do_train, --only_test or both"),
        (a.prompt_len != PROMPT_LEN, f"--prompt_len {a.prompt_len}: a picture is {PROMPT_LEN} tokens in this model"),
        (a.prompt_dim < 1, f"--prompt_dim {a.prompt_dim}: expected a positive number"),
        (a.num_epochs < 1, f"--num_epochs {a.num_epochs}: expected at least 1"),
        (a.batch_size < 1, f"--batch_size {a.batch_size}: expected at least 1"),
        (a.max_seq < 3, f"--max_seq {a.max_seq}: expected at least 3, for [CLS], a piece and [SEP]"),
        (not 0 < a.sample_ratio <= 1, f"--sample_ratio {a.sample_ratio}: expected a share over 0 and up to 1"),
        (not 0 <= a.warmup_ratio < 1, f"--warmup_ratio {a.warmup_ratio}: expected a share from 0 and below 1"),
        (
            a.do_train and not 1 <= a.eval_begin_epoch <= a.num_epochs,
            f"--eval_begin_epoch {a.eval_begin_epoch}: no epoch would be scored; expected 1 to --num_epochs, {a.num_epochs}",
        ),
        (a.do_train and not a.save_path, "--do_train needs --save_path, the folder for the checkpoints"),
        (a.resume and not a.do_train, "--resume goes on with training: give --do_train as well"),
        (a.only_test and not a.do_train and not a.load_path, "--only_test needs --load_path, the checkpoint to test"),
        (
            scratch and not a.resnet_path,
            "--use_prompt needs --resnet_path, the state_dict of torchvision's resnet50, or a --load_path that brings one",
        ),
        (not usable(a.device), f"--device {a.device}: PyTorch has no such device here; --device cpu always works"),
    ]


def will_resume(a: argparse.Namespace) -> bool:
    """True where an earlier run left something to go on with."""
    return bool(a.resume and a.save_path and (Path(a.save_path) / LAST).exists())


def usable(device: str) -> bool:
    """True for a device that can hold a tensor."""
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError):
        return False
    return True
