#!/usr/bin/env bash
# The paper's settings for MRE. Run it from the root of the repository; flags given to it come last and win.
set -euo pipefail

exec python -u -m training.run \
  --dataset_name=MRE \
  --bert_name=bert-base-uncased \
  --resnet_path=resnet50.pth \
  --num_epochs=15 \
  --batch_size=16 \
  --lr=3e-5 \
  --warmup_ratio=0.06 \
  --eval_begin_epoch=1 \
  --seed=1234 \
  --do_train \
  --max_seq=80 \
  --use_prompt \
  --prompt_len=4 \
  --sample_ratio=1.0 \
  --save_path=ckpt/re \
  "$@"
