"""The paper's commands on the paper's data: python -m training.run --dataset_name twitter17 --use_prompt --do_train ...

The flags are those of the paper's repository. Where its code does what its authors did not mean, this one does what they meant:

- BatchNorm of the frozen picture network stays in evaluation mode; theirs keeps averaging the training pictures.
- The heads are trained when pictures are used; theirs forms no optimiser group for the relation classifier, and one for the
  tag layer and the CRF that the optimiser never gets.
- The picture network asks for no gradients in either task; theirs misspells `requires_grad` for relations, which costs time only.

--authors_bugs brings the first two back, to reproduce numbers; the third changes none.
"""

import argparse

import torch

from .checkpoint import CheckpointError
from .data import DataError
from .paper.experiment import run
from .paper.layout import DATASETS
from .paper.settings import PROMPT_LEN, SettingError


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Command line."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--dataset_name", choices=DATASETS, default="twitter15")
    p.add_argument("--data_root", default="data", help="folder with NER_data and RE_data")
    p.add_argument("--bert_name", default="bert-base-uncased", help="local folder with config.json, vocab.txt and the weights")
    p.add_argument("--resnet_path", help="file with the state_dict of torchvision's resnet50")
    p.add_argument("--do_train", action="store_true", help="train, then test the best epoch")
    p.add_argument("--only_test", action="store_true", help="test the checkpoint of --load_path")
    p.add_argument("--use_prompt", action="store_true", help="use the pictures; without it the model reads text only")
    p.add_argument("--num_epochs", type=int, default=30)
    p.add_argument("--batch_size", type=int, default=32)
    p.add_argument("--lr", type=float, default=1e-5)
    p.add_argument("--warmup_ratio", type=float, default=0.01, help="share of the steps in which the rate rises")
    p.add_argument("--eval_begin_epoch", type=int, default=16, help="first epoch with a dev score")
    p.add_argument("--max_seq", type=int, default=128, help="pieces of a text, [CLS] and [SEP] included")
    p.add_argument("--prompt_len", type=int, default=PROMPT_LEN, help=f"tokens of a picture; {PROMPT_LEN} and nothing else")
    p.add_argument("--prompt_dim", type=int, default=800, help="units between picture features and prefix")
    p.add_argument("--sample_ratio", type=float, default=1.0, help="share of the training rows to use")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    p.add_argument("--load_path", help="checkpoint to start from or to test")
    p.add_argument("--save_path", help="folder for best_model.pth and last.pt")
    p.add_argument("--write_path", help="file for the test predictions, a JSON line per row")
    p.add_argument("--resume", action="store_true", help="go on after the last finished epoch in --save_path")
    p.add_argument("--notes", default="", help="a remark to keep with the scores")
    p.add_argument("--ignore_idx", type=int, default=-100, help="accepted; padding is masked, so no label of it is ever read")
    p.add_argument("--authors_bugs", action="store_true", help="train as the paper's code really does; see above")
    return p.parse_args(argv)


def main(argv: list[str] | None = None) -> dict:
    """Runs the command; what is wrong with flags, data or files is one message."""
    try:
        return run(arguments(argv))
    except (SettingError, DataError, CheckpointError) as error:
        raise SystemExit(f"training.run: {error}") from None


if __name__ == "__main__":
    main()
