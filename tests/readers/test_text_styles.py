"""Log lines in the style of many trainers, and the numbers that a person would read in them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import pytest

from traindx.readers import LogFile
from traindx.readers.text_log import READER
from traindx.run import Run


@dataclass(frozen=True)
class Case:
    name: str
    text: str
    values: dict[str, list[float]]
    steps: dict[str, list[float]] = field(default_factory=dict)
    absent: tuple[str, ...] = ()


def read(text: str) -> Run:
    runs = READER.read(LogFile(path="train.log", data=text.encode()))
    assert len(runs) == 1
    return runs[0]


N = math.nan
# fmt: off
CASES = [
    Case("open_clip", """\
2024-03-01,10:00:00 | INFO | Train Epoch: 0 [   256/10240 (2%)] Data (t): 0.500 Batch (t): 1.200, 213.3/s, 213.3/s/gpu LR: 0.000010 Logit Scale: 14.286 Contrastive_loss: 5.5452 (5.5452) Loss: 5.5452 (5.5452)
2024-03-01,10:01:00 | INFO | Train Epoch: 0 [ 5376/10240 (52%)] Data (t): 0.010 Batch (t): 0.700, 365.7/s, 365.7/s/gpu LR: 0.000020 Logit Scale: 14.290 Contrastive_loss: 5.1000 (5.3226) Loss: 5.1000 (5.3226)
2024-03-01,10:02:00 | INFO | Train Epoch: 1 [   256/10240 (2%)] Data (t): 0.500 Batch (t): 1.100, 213.3/s, 213.3/s/gpu LR: 0.000030 Logit Scale: 14.300 Contrastive_loss: 4.9000 (4.9000) Loss: 4.9000 (4.9000)
2024-03-01,10:03:00 | INFO | Eval Epoch: 1 image_to_text_R@1: 0.1200\ttext_to_image_R@1: 0.1100\tclip_val_loss: 3.1000\tepoch: 1.0000
""", {"Loss": [5.5452, 5.1, 4.9], "Loss (avg)": [5.5452, 5.3226, 4.9], "Logit Scale": [14.286, 14.29, 14.3], "val/image_to_text_R@1": [0.12], "clip_val_loss": [3.1]},
        {"Loss": [256, 5376, 10496]}),
    Case("torchtitan", """\
[rank0]:[titan] 2025-01-01 10:00:00,123 - root - INFO - step:  1  loss: 12.2345  grad_norm:  4.1111  memory: 47.13GiB(59.58%)  tps: 1,811  tflops: 31.2  mfu: 10.10%
[rank0]:[titan] 2025-01-01 10:00:09,456 - root - INFO - step: 10  loss: 10.5678  grad_norm:  3.2222  memory: 47.13GiB(59.58%)  tps: 7,011  tflops: 121.2  mfu: 38.80%
""", {"loss": [12.2345, 10.5678], "grad_norm": [4.1111, 3.2222], "tps": [1811, 7011], "mfu": [10.1, 38.8], "memory": [47.13, 47.13]}, {"loss": [1, 10]}),
    Case("nanoGPT", """\
step 0: train loss 4.2874, val loss 4.2823
iter 0: loss 4.2654, time 30121.55ms, mfu -100.00%
iter 10: loss 3.1402, time 20.31ms, mfu 12.31%
step 250: train loss 1.9666, val loss 2.0111
""", {"train loss": [4.2874, 1.9666], "val loss": [4.2823, 2.0111], "loss": [4.2654, 3.1402], "mfu": [-100, 12.31]}, {"val loss": [0, 250], "loss": [0, 10]}),
    Case("speedrun", "step:0/100 val_loss:10.8258 train_time:0ms step_avg:nanms\nstep:1/100 train_loss:10.8258 train_time:31613ms step_avg:nanms\nstep:2/100 train_loss:10.0771 train_time:31724ms step_avg:110.50ms\n",
         {"val_loss": [10.8258], "train_loss": [10.8258, 10.0771], "train_time": [0, 31613, 31724], "step_avg": [N, N, 110.5]}, {"train_loss": [1, 2]}),
    Case("llm.c", "s:0 tel:11.0092\ns:0 trl:11.0091 lr:0.000001 norm:15.37\ns:1 trl:10.9598 lr:0.000002 norm:15.24\n", {"tel": [11.0092], "trl": [11.0091, 10.9598], "norm": [15.37, 15.24]}, {"trl": [0, 1]}),
    Case("Megatron", """\
 iteration        1/  500000 | consumed samples:          256 | elapsed time per iteration (ms): 5812.3 | learning rate: 1.500E-06 | global batch size:   256 | lm loss: 1.098845E+01 | loss scale: 1.0 | grad norm: 11.3 | number of skipped iterations:   0 | number of nan iterations:   0 |
 iteration        2/  500000 | consumed samples:          512 | elapsed time per iteration (ms): 812.3 | learning rate: 3.000E-06 | global batch size:   256 | lm loss: 1.094712E+01 | loss scale: 1.0 | grad norm: 10.9 | number of skipped iterations:   0 | number of nan iterations:   0 |
 validation loss at iteration 2 | lm loss value: 1.093E+01 | lm loss PPL: 5.58E+04 |
""", {"lm loss": [10.98845, 10.94712], "grad norm": [11.3, 10.9], "learning rate": [1.5e-6, 3e-6], "val/lm loss value": [10.93], "number of nan iterations": [0, 0]}, {"lm loss": [1, 2], "val/lm loss value": [2]}),
    Case("fairseq pipes", """\
| epoch 001 | loss 9.882 | nll_loss 9.204 | ppl 589.61 | wps 40281 | ups 0.6 | num_updates 586 | lr 0.000146213 | gnorm 1.309 | clip 0% | oom 0 | wall 840
| epoch 001 | valid on 'valid' subset | valid_loss 8.28149 | valid_nll_loss 7.54953 | valid_ppl 187.35 | num_updates 586
| epoch 002 | loss 7.863 | nll_loss 7.104 | ppl 137.54 | wps 40087 | ups 0.6 | num_updates 1172 | lr 0.000292606 | gnorm 0.812 | clip 3% | oom 0 | wall 1680
""", {"loss": [9.882, 7.863], "valid_loss": [8.28149], "gnorm": [1.309, 0.812], "clip": [0, 3]}, {"loss": [586, 1172], "valid_loss": [586]}),
    Case("fairseq valid line", """\
2020-03-23 11:38:13 | INFO | train | epoch 002 | loss 9.803 | ppl 474.37 | num_updates 695 | lr 0.00017375
2020-03-23 11:38:31 | INFO | valid | epoch 002 | valid on 'valid' subset | loss 9.393 | ppl 321.26 | num_updates 695 | best_loss 9.393
""", {"loss": [9.803], "val/loss": [9.393]}, {"val/loss": [695]}),
    Case("fairseq train_inner", """\
2020-03-23 11:39:44 | INFO | train_inner | epoch 003:      5 / 356 loss=9.44, nll_loss=8.44, ppl=347.28, num_updates=700, lr=0.000175, gnorm=156.036
2020-03-23 11:40:44 | INFO | train_inner | epoch 003:    105 / 356 loss=9.14, nll_loss=8.14, ppl=282.1, num_updates=800, lr=0.000200, gnorm=56.036
""", {"loss": [9.44, 9.14], "gnorm": [156.036, 56.036]}, {"loss": [700, 800]}),
    Case("fairseq JSON", """\
2024-02-29 08:00:28 | INFO | train_inner | {"epoch": 1, "update": 0.012, "loss": "21.229", "ppl": "1.98043e+06", "num_updates": "10", "lr": "7.3e-06", "gnorm": "27.35"}
2024-02-29 08:01:49 | INFO | train_inner | {"epoch": 1, "update": 0.022, "loss": "15.052", "ppl": "28330.9", "num_updates": "20", "lr": "1.4e-05", "gnorm": "2.701"}
""", {"loss": [21.229, 15.052], "ppl": [1.98043e6, 28330.9]}, {"loss": [10, 20]}),
    Case("HF Trainer", "{'loss': 0.0, 'grad_norm': nan, 'learning_rate': 5e-07, 'epoch': 0.01}\n{'loss': 2.31, 'grad_norm': 1.5, 'learning_rate': 1e-06, 'epoch': 0.02}\n{'eval_loss': 2.1, 'eval_runtime': 3.2, 'epoch': 0.02}\n",
         {"loss": [0, 2.31], "grad_norm": [N, 1.5], "eval_loss": [2.1]}, {"loss": [0.01, 0.02]}),
    Case("HF Trainer with string values", "{'loss': '0', 'grad_norm': 'nan', 'learning_rate': '5e-07', 'epoch': '0.01'}\n{'loss': '2.31', 'grad_norm': '1.5', 'learning_rate': '1e-06', 'epoch': '0.02'}\n", {"loss": [0, 2.31], "grad_norm": [N, 1.5]}, {"loss": [0.01, 0.02]}),
    Case("HF Trainer with bars", "  0%|          | 0/100 [00:00<?, ?it/s]\r  1%|          | 1/100 [00:01<01:40,  1.0s/it]\r            \r{'loss': 2.5, 'grad_norm': nan, 'epoch': 0.01}\r  1%|  | 1/100 [00:01<01:40,  1.0s/it]\r  2%|  | 2/100 [00:02<01:40,  1.0s/it]{'loss': 2.4, 'grad_norm': 1.0, 'epoch': 0.02}\n",
         {"loss": [2.5, 2.4], "grad_norm": [N, 1.0]}, {"loss": [1, 2]}),
    Case("TRL DPO", "{'loss': 0.6931, 'rewards/chosen': 0.01, 'rewards/margins': -0.02, 'logps/chosen': -270.9, 'epoch': 0.1}\n{'loss': 0.6512, 'rewards/chosen': 0.21, 'rewards/margins': 0.12, 'logps/chosen': -269.9, 'epoch': 0.2}\n", {"loss": [0.6931, 0.6512], "rewards/margins": [-0.02, 0.12], "logps/chosen": [-270.9, -269.9]}),
    Case("nested dict", "{'train': {'loss': 2.3, 'acc': 0.5}, 'eval': {'loss': 2.4}, 'epoch': 1}\n{'train': {'loss': 2.1, 'acc': 0.6}, 'eval': {'loss': 2.2}, 'epoch': 2}\n", {"train/loss": [2.3, 2.1], "eval/loss": [2.4, 2.2]}, {"train/loss": [1, 2]}),
    Case("JSON among words", 'INFO metrics: {"step": 5, "loss": 1.5, "dice": [0.1, 0.2]} done\nINFO metrics: {"step": 6, "loss": 1.4, "dice": [0.2, 0.3]} done\n', {"loss": [1.5, 1.4], "dice/0": [0.1, 0.2], "dice/1": [0.2, 0.3]}, {"loss": [5, 6]}),
    Case("Keras bars", """\
Epoch 1/3
100/469 [====>.........................] - ETA: 2s - loss: 0.9000 - accuracy: 0.5000
469/469 [==============================] - 3s 6ms/step - loss: 0.5000 - accuracy: 0.8000 - val_loss: 0.4000
Epoch 2/3
469/469 [==============================] - 3s 6ms/step - loss: 0.3000 - accuracy: 0.9000 - val_loss: 0.3000
""", {"loss": [0.5, 0.3], "val_loss": [0.4, 0.3], "accuracy": [0.8, 0.9]}, {"loss": [1, 2]}, ("ETA",)),
    Case("Keras, one line an epoch", "Epoch 1/3\n469/469 - 3s - loss: 0.5000 - val_loss: 0.4000 - 3s/epoch - 6ms/step\nEpoch 2/3\n469/469 - 3s - loss: 0.3000 - val_loss: 0.3000 - 3s/epoch - 6ms/step\n", {"loss": [0.5, 0.3], "val_loss": [0.4, 0.3]}, {"loss": [1, 2]}),
    Case("Keras 3", "Epoch 1/2\n\x1b[1m32/32\x1b[0m \x1b[32m━━━━━━━━━━\x1b[0m\x1b[37m\x1b[0m \x1b[1m1s\x1b[0m 9ms/step - accuracy: 0.5100 - loss: 0.7100\nEpoch 2/2\n\x1b[1m32/32\x1b[0m \x1b[32m━━━━━━━━━━\x1b[0m \x1b[1m0s\x1b[0m 2ms/step - accuracy: 0.6100 - loss: 0.6500\n", {"loss": [0.71, 0.65], "accuracy": [0.51, 0.61]}, {"loss": [1, 2]}),
    Case("Lightning bar", "Epoch 0:  50%|#####     | 50/100 [00:10<00:10,  5.00it/s, v_num=3, train_loss=2.300]\rEpoch 0: 100%|##########| 100/100 [00:20<00:00,  5.00it/s, v_num=3, train_loss=2.100, val_loss=2.200]\rEpoch 1:  50%|#####     | 50/100 [00:10<00:10,  5.00it/s, v_num=3, train_loss=1.900]\n", {"train_loss": [2.3, 2.1, 1.9], "val_loss": [2.2]}, {"train_loss": [50, 100, 150]}),
    Case("tqdm postfix", "train:  10%|█         | 12/120 [00:01<00:12,  8.9it/s, loss=0.693]\rtrain:  20%|██        | 24/120 [00:02<00:11,  8.9it/s, loss=0.512]\n", {"loss": [0.693, 0.512]}, {"loss": [12, 24]}),
    Case("MetricLogger", """\
Epoch: [0]  [  0/225]  eta: 0:10:35  lr: 0.000100  class_error: 100.00  loss: 44.1659 (44.1659)  loss_ce: 4.7089 (4.7089)  time: 2.8 (2.8)  data: 0.5 (0.5)  max mem: 3456
Epoch: [0]  [100/225]  eta: 0:00:35  lr: 0.000100  class_error: 98.00  loss: 21.1659 (26.8506)  loss_ce: 0.7089 (0.7577)  time: 0.2 (0.3)  data: 0.0 (0.0)  max mem: 3456
Epoch: [1]  [  0/225]  eta: 0:01:35  lr: 0.000100  class_error: 97.00  loss: 20.1659 (20.1659)  loss_ce: 0.6089 (0.6089)  time: 0.2 (0.2)  data: 0.0 (0.0)  max mem: 3456
Test:  [ 0/50]  eta: 0:00:10  class_error: 90.00  loss: 19.5000 (19.5000)  loss_ce: 0.5000 (0.5000)  time: 0.2 (0.2)  data: 0.1 (0.1)  max mem: 3456
""", {"loss": [44.1659, 21.1659, 20.1659], "loss (avg)": [44.1659, 26.8506, 20.1659], "test/loss": [19.5], "class_error": [100, 98, 97]}, {"loss": [0, 100, 225]}),
    Case("detectron2", """\
[11/01 20:14:15 d2.utils.events]:  eta: 5:41:49  iter: 379  total_loss: 1.707  loss_cls: 1.184  time: 0.2293  data_time: 0.0033  lr: 0.003796  max_mem: 3782M
[11/01 20:14:19 d2.utils.events]:  eta: 1 day, 5:42:23  iter: 399  total_loss: 1.679  loss_cls: 1.186  time: 0.2296  data_time: 0.0033  lr: 0.003996  max_mem: 3782M
""", {"total_loss": [1.707, 1.679], "lr": [0.003796, 0.003996], "max_mem": [3782, 3782]}, {"total_loss": [379, 399]}, ("eta",)),
    Case("mmdetection", """\
2021-08-12 19:07:24,634 - mmdet - INFO - Epoch [1][50/500]\tlr: 1.978e-03, eta: 3 days, 3:03:21, time: 0.384, data_time: 0.059, memory: 3790, loss_cls: 0.7437, acc: 89.6641, loss: 1.5276
2021-08-12 19:08:24,634 - mmdet - INFO - Epoch [1][100/500]\tlr: 2.978e-03, eta: 3 days, 2:03:21, time: 0.384, data_time: 0.059, memory: 3790, loss_cls: 0.6437, acc: 90.6641, loss: 1.3276
2021-08-12 19:09:24,634 - mmdet - INFO - Epoch [2][50/500]\tlr: 3.978e-03, eta: 2 days, 3:03:21, time: 0.384, data_time: 0.059, memory: 3790, loss_cls: 0.5437, acc: 91.6641, loss: 1.1276
2021-08-12 19:10:24,634 - mmdet - INFO - Epoch(val) [2][20]\tbbox_mAP: 0.1230, bbox_mAP_50: 0.2450
""", {"loss": [1.5276, 1.3276, 1.1276], "acc": [89.6641, 90.6641, 91.6641], "val/bbox_mAP": [0.123]}, {"loss": [50, 100, 550]}, ("eta",)),
    Case("mmengine", "09/12 10:11:12 - mmengine - INFO - Epoch(train)  [1][ 50/200]  lr: 1.0e-03  eta: 0:10:00  time: 0.3  data_time: 0.01  memory: 5000  loss: 1.2345  loss_cls: 0.7\n09/12 10:12:12 - mmengine - INFO - Epoch(train)  [1][100/200]  lr: 1.0e-03  eta: 0:09:00  time: 0.3  data_time: 0.01  memory: 5000  loss: 1.1345  loss_cls: 0.6\n",
         {"loss": [1.2345, 1.1345], "loss_cls": [0.7, 0.6]}, {"loss": [50, 100]}),
    Case("PaddleSeg", "2021-12-06 01:52:16 [INFO]\t[TRAIN] epoch: 1, iter: 50/120000, loss: 2.6943, lr: 0.001000, batch_cost: 0.4023, reader_cost: 0.20281, ips: 9.9425 samples/sec | ETA 13:24:17\n2021-12-06 01:52:26 [INFO]\t[TRAIN] epoch: 1, iter: 100/120000, loss: 2.2411, lr: 0.000999, batch_cost: 0.2134, reader_cost: 0.00096, ips: 18.7484 samples/sec | ETA 07:06:20\n2021-12-06 01:53:26 [INFO]\t[EVAL] #Images: 500, mIoU: 0.4321, Acc: 0.8765, Kappa: 0.8123\n",
         {"loss": [2.6943, 2.2411], "ips": [9.9425, 18.7484], "val/mIoU": [0.4321]}, {"loss": [50, 100], "val/mIoU": [100]}),
    Case("PaddleOCR", "[2021/12/28 03:14:05] root INFO: epoch: [1/500], iter: 10, lr: 0.000050, loss: 47.25, acc: 0.000, norm_edit_dis: 0.010, reader_cost: 1.5 s, batch_cost: 2.0 s, samples: 2560, ips: 125.5\n[2021/12/28 03:14:25] root INFO: epoch: [1/500], iter: 20, lr: 0.000100, loss: 37.25, acc: 0.100, norm_edit_dis: 0.110, reader_cost: 1.5 s, batch_cost: 2.0 s, samples: 2560, ips: 125.5\n",
         {"loss": [47.25, 37.25], "acc": [0, 0.1]}, {"loss": [10, 20]}),
    Case("Darknet", " (next mAP calculation at 1000 iterations)\n 1: 46.133102, 58.463966 avg loss, 0.000003 rate, 70.404934 seconds, 64 images, 11.07 hours left\nLoaded: 0.000024 seconds\n 2: -nan, -nan avg loss, 0.000001 rate, 70.404934 seconds, 128 images, 11.07 hours left\n", {"loss": [46.133102, N], "avg loss": [58.463966, N], "rate": [3e-6, 1e-6]}, {"loss": [1, 2]}),
    Case("YOLOv5", """\
     Epoch   gpu_mem       box       obj       cls    labels  img_size
       0/2     2.64G    0.1123   0.04567     0.021        14       640: 100%|██████████| 7/7 [00:15<00:00,  2.27s/it]
                 Class     Images     Labels          P          R     mAP@.5 mAP@.5:.95: 100%|██████████| 1/1 [00:01<00:00,  1.30s/it]
                   all         14         39       0.12       0.34      0.056      0.023

     Epoch   gpu_mem       box       obj       cls    labels  img_size
       1/2     2.64G       nan       nan       nan        14       640: 100%|██████████| 7/7 [00:15<00:00,  2.27s/it]
""", {"box": [0.1123, N], "obj": [0.04567, N], "cls": [0.021, N]}, {"box": [0, 1]}),
    Case("nnU-Net", "2022-06-20 07:56:48.872122: \nepoch:  9 \n2022-06-20 07:57:38.016679: train loss : 0.3188 \n2022-06-20 07:57:41.970286: validation loss: 0.2696 \n2022-06-20 07:57:41.971284: Average global foreground Dice: [0.8667, 0.0009] \n2022-06-20 07:57:42.467828: lr: 1e-05 \n2022-06-20 07:57:42.998433: This epoch took 54.126240 s\n \n2022-06-20 07:57:42.998909: \nepoch:  10 \n2022-06-20 07:58:52.649420: train loss : -0.2787 \n2022-06-20 07:58:56.855810: validation loss: -0.2294 \n2022-06-20 07:58:57.406631: lr: 1e-05 \n",
         {"train loss": [0.3188, -0.2787], "validation loss": [0.2696, -0.2294], "Average global foreground Dice/0": [0.8667], "lr": [1e-5, 1e-5]}, {"train loss": [9, 10]}),
    Case("nnU-Net v2", "2024-01-01 00:00:01.000000: Epoch 0 \n2024-01-01 00:00:01.100000: Current learning rate: 0.01 \n2024-01-01 00:01:01.000000: train_loss -0.1234 \n2024-01-01 00:01:02.000000: val_loss -0.2345 \n2024-01-01 00:01:02.100000: Pseudo dice [0.51, 0.42] \n2024-01-01 00:01:03.000000: Epoch 1 \n2024-01-01 00:02:01.000000: train_loss -0.3234 \n2024-01-01 00:02:02.000000: val_loss -0.3345 \n2024-01-01 00:02:02.100000: Pseudo dice [0.61, 0.52] \n",
         {"train_loss": [-0.1234, -0.3234], "val_loss": [-0.2345, -0.3345], "Pseudo dice/0": [0.51, 0.61]}, {"train_loss": [0, 1]}),
    Case("SpeechBrain", "epoch: 1, lr_model: 9.00e-01, lr_wav2vec: 1.00e-04 - train loss: 3.11 - valid loss: 2.99, valid CER: 1.00e+02, valid WER: 1.00e+02\nepoch: 2, lr_model: 9.00e-01, lr_wav2vec: 1.00e-04 - train loss: 2.95 - valid loss: 2.94, valid CER: 9.00e+01, valid WER: 1.00e+02\n",
         {"train loss": [3.11, 2.95], "valid loss": [2.99, 2.94], "valid CER": [100, 90]}, {"train loss": [1, 2]}),
    Case("ESPnet", "[host] 2022-01-01 10:00:00,000 (trainer:702) INFO: 1epoch:train:1-50batch: iter_time=0.1, loss_ctc=120.5, loss_att=80.1, loss=92.2, acc=0.12\n", {"loss_ctc": [120.5], "loss": [92.2], "acc": [0.12]}),
    Case("Caffe", """\
I0306 19:06:09.863409 38597 solver.cpp:420] Iteration 3840, lr = 0.01
I0306 19:07:02.010265 38597 solver.cpp:196] Iteration 3860, loss = 8.88737
I0306 19:07:02.010437 38597 solver.cpp:211]     Train net output #0: accuracy = 0.125
I0306 19:07:02.010562 38597 solver.cpp:211]     Train net output #2: loss = 8.88737 (* 1 = 8.88737 loss)
I0306 19:07:02.010738 38597 solver.cpp:420] Iteration 3860, lr = 0.01
I0306 19:08:09.847526 38597 solver.cpp:266] Iteration 3880, Testing net (#0)
I0306 19:08:09.857526 38597 solver.cpp:315]     Test net output #0: accuracy = 0.16
I0306 19:08:09.907526 38597 solver.cpp:196] Iteration 3880, loss = 8.85471
I0306 19:08:09.907881 38597 solver.cpp:211]     Train net output #2: loss = 8.85471 (* 1 = 8.85471 loss)
""", {"loss": [8.88737, 8.85471], "accuracy": [0.125], "test/accuracy": [0.16], "lr": [0.01, 0.01]}, {"loss": [3860, 3880], "test/accuracy": [3880]}, ("loss (avg)",)),
    Case("MXNet", "2016-07-01 12:27:17,341 Epoch[0] Batch [50]\tSpeed: 181.20 samples/sec\tTrain-Accuracy=0.000000\n2016-07-01 12:27:26,751 Epoch[0] Batch [100]\tSpeed: 170.05 samples/sec\tTrain-Accuracy=0.012000\n2016-07-01 12:27:36,751 Epoch[0] Validation-Accuracy=0.011000\n",
         {"Train-Accuracy": [0, 0.012], "Speed": [181.2, 170.05], "Validation-Accuracy": [0.011]}, {"Train-Accuracy": [50, 100]}),
    Case("GluonNLP", "INFO:root:18:19:12 [Epoch 1 Batch 10/465] loss=3.2699, lr=0.0000021845, metrics:f1:0.5835,accuracy:0.4800\n", {"loss": [3.2699], "lr": [2.1845e-6], "f1": [0.5835], "accuracy": [0.48]}, {"loss": [10]}),
    Case("TensorFlow estimator", "INFO:tensorflow:loss = 2.3025851, step = 0\nINFO:tensorflow:global_step/sec: 95.2\nINFO:tensorflow:loss = 0.3125851, step = 100 (1.051 sec)\nINFO:tensorflow:Saving dict for global step 100: accuracy = 0.91, global_step = 100, loss = 0.31\n", {"loss": [2.3025851, 0.3125851]}, {"loss": [0, 100]}),
    Case("TensorFlow by hand", "= >   step: 0 loss: 0.6773 accuracy:0.61\n= >   step: 1 loss: 2.4587 accuracy:0.66\n", {"loss": [0.6773, 2.4587], "accuracy": [0.61, 0.66]}, {"loss": [0, 1]}),
    Case("fastai", "epoch     train_loss  valid_loss  accuracy  time    \n0         0.512300    0.423400    0.871000  00:12     \n1         0.412300    0.323400    0.881000  00:12     \n", {"train_loss": [0.5123, 0.4123], "valid_loss": [0.4234, 0.3234], "accuracy": [0.871, 0.881]}, {"train_loss": [0, 1]}),
    Case("HF notebook", "Step\tTraining Loss\tValidation Loss\n500\t0.3\tNo log\n1000\t0.2\t0.25\n", {"Training Loss": [0.3, 0.2], "Validation Loss": [0.25]}, {"Validation Loss": [1000]}),
    Case("Markdown table", "Step | Training Loss | Validation Loss | Wer\n-- | -- | -- | --\n400 | 5.063200 | 4.566135 | 1.000000\n800 | 5.115200 | 4.514411 | 0.900000\n", {"Training Loss": [5.0632, 5.1152], "Validation Loss": [4.566135, 4.514411], "Wer": [1, 0.9]}, {"Wer": [400, 800]}),
    Case("bold Markdown", "| Epoch | CLoss | 状态 |\n|---|---|---|\n| 0 | 3.26 | 初始 |\n| 1 | **95.19** | **异常！** |\n| ... | ... | ... |\n| 9 | 2.13 | 下降 |\n", {"CLoss": [3.26, 95.19, 2.13]}, {"CLoss": [0, 1, 9]}),
    Case("before and after", "| Metric | Before | After | Improvement |\n|---|---|---|---|\n| **Loss (Batch 1)** | 15,781 | 8.8 | **1,792x** |\n| **Range** | -2686 to 1793 | -15 to 54 | **88x** |\n", {"Loss (Batch 1)": [15781, 8.8]}),
    Case("XGBoost", "[0]\ttrain-rmse:0.5\teval-rmse:0.6\n[1]\ttrain-rmse:0.3\teval-rmse:0.4\n", {"train-rmse": [0.5, 0.3], "eval-rmse": [0.6, 0.4]}, {"eval-rmse": [0, 1]}),
    Case("LightGBM", "[100]\ttraining's binary_logloss: 0.31\tvalid_1's binary_logloss: 0.42\n[200]\ttraining's binary_logloss: 0.21\tvalid_1's binary_logloss: 0.41\n", {"training's binary_logloss": [0.31, 0.21], "valid_1's binary_logloss": [0.42, 0.41]}, {"training's binary_logloss": [100, 200]}),
    Case("CatBoost", "0:\tlearn: 0.6931\ttest: 0.7000\tbest: 0.7000 (0)\ttotal: 53.1ms\tremaining: 53s\n1:\tlearn: 0.5931\ttest: 0.6000\tbest: 0.6000 (1)\ttotal: 93.1ms\tremaining: 46s\n", {"learn": [0.6931, 0.5931], "test": [0.7, 0.6]}, {"learn": [0, 1]}),
    Case("sklearn", "Iteration 1, loss = 2.30012345\nIteration 2, loss = 2.10012345\n", {"loss": [2.30012345, 2.10012345]}, {"loss": [1, 2]}),
    Case("SB3 boxes", "----------------------------------\n| rollout/            |          |\n|    ep_rew_mean      | 21.9     |\n| time/               |          |\n|    total_timesteps  | 2048     |\n----------------------------------\n----------------------------------\n| rollout/            |          |\n|    ep_rew_mean      | 25.9     |\n| time/               |          |\n|    total_timesteps  | 4096     |\n| train/              |          |\n|    loss             | 4.3      |\n----------------------------------\n",
         {"rollout/ep_rew_mean": [21.9, 25.9], "train/loss": [4.3]}, {"rollout/ep_rew_mean": [2048, 4096]}),
    Case("Spinning Up", "---------------------------------------\n|             Epoch |               0 |\n|      AverageEpRet |            21.5 |\n|             LossV |             512 |\n---------------------------------------\n---------------------------------------\n|             Epoch |               1 |\n|      AverageEpRet |            35.5 |\n|             LossV |             412 |\n---------------------------------------\n", {"AverageEpRet": [21.5, 35.5], "LossV": [512, 412]}, {"LossV": [0, 1]}),
    Case("Tianshou", "Epoch #1: 10001it [00:12, 812.3it/s, env_step=10000, len=200, loss=1.234, n/ep=0, n/st=10, rew=200.00]\nEpoch #2: 10001it [00:12, 812.3it/s, env_step=20000, len=200, loss=0.934, n/ep=0, n/st=10, rew=210.00]\n", {"loss": [1.234, 0.934], "rew": [200, 210]}, {"loss": [10000, 20000]}),
    Case("RLlib prints", "iter 1: episode_reward_mean=21.5, episode_len_mean=21.5\niter 2: episode_reward_mean=41.5, episode_len_mean=41.5\n", {"episode_reward_mean": [21.5, 41.5]}, {"episode_reward_mean": [1, 2]}),
    Case("Flax", "I0101 10:00:00.000000 139 train.py:120] train epoch: 1, loss: 0.2312, accuracy: 93.10\nI0101 10:00:10.000000 139 train.py:125] eval epoch: 1, loss: 0.0512, accuracy: 98.30\n", {"loss": [0.2312], "val/loss": [0.0512], "val/accuracy": [98.3]}, {"loss": [1], "val/loss": [1]}),
    Case("MaxText", "completed step: 0, seconds: 43.261, TFLOP/s/device: 1.1, Tokens/s/device: 94.7, total_weights: 32768, loss: 10.872\ncompleted step: 1, seconds: 1.261, TFLOP/s/device: 41.1, Tokens/s/device: 3247.1, total_weights: 32768, loss: 10.412\n", {"loss": [10.872, 10.412], "seconds": [43.261, 1.261]}, {"loss": [0, 1]}),
    Case("DeepSpeed-Chat", "***** Evaluating perplexity, Epoch 0/2 *****\nppl: 4998.296\nBeginning of Epoch 1/2, Total Micro Batches 460\n[2023-04-18 01:47:00,554] [INFO] [logging.py:96:log_dist] [Rank 0] step=10, skipped=6, lr=[9.65e-06, 9.65e-06], mom=[(0.9, 0.95), (0.9, 0.95)]\n***** Evaluating perplexity, Epoch 1/2 *****\nppl: 2.115\n", {"val/ppl": [4998.296, 2.115], "lr/0": [9.65e-6], "skipped": [6]}, {"val/ppl": [0, 1]}),
    Case("DeepSpeed PPO", "epoch: 0|step: 239|ppo_ep: 1|act_loss: 0.2216|cri_loss: 0.1271|unsuper_loss: 0.0\naverage reward score: 2.98828125\nepoch: 0|step: 240|ppo_ep: 1|act_loss: 0.1845|cri_loss: 0.1096|unsuper_loss: 0.0\naverage reward score: 3.6796875\n", {"act_loss": [0.2216, 0.1845], "average reward score": [2.98828125, 3.6796875]}, {"average reward score": [239, 240]}),
    Case("timm", "Train: 0 [   0/1251 (  0%)]  Loss: 6.941 (6.94)  Time: 4.123s,  124.21/s  (4.123s,  124.21/s)  LR: 1.000e-05  Data: 2.123 (2.123)\nTrain: 0 [  50/1251 (  4%)]  Loss: 6.921 (6.93)  Time: 0.323s, 1584.21/s  (0.423s, 1210.21/s)  LR: 1.000e-05  Data: 0.023 (0.063)\n", {"Loss": [6.941, 6.921], "Loss (avg)": [6.94, 6.93], "LR": [1e-5, 1e-5]}),
    Case("DINO", '{"train_loss": 11.09, "train_lr": 0.0005, "train_wd": 0.22, "epoch": 151}\n{"train_loss": 11.08, "train_lr": 0.0004, "train_wd": 0.23, "epoch": 152}\n', {"train_loss": [11.09, 11.08], "train_lr": [0.0005, 0.0004]}, {"train_loss": [151, 152]}),
    Case("ImageNet example", "Epoch: [0][  10/5005]\tTime  0.512 ( 1.234)\tData  0.001 ( 0.512)\tLoss 6.9412e+00 (6.9523e+00)\tAcc@1   0.00 (  0.11)\tAcc@5   0.39 (  0.51)\nEpoch: [0][  20/5005]\tTime  0.312 ( 0.834)\tData  0.001 ( 0.312)\tLoss 6.9012e+00 (6.9323e+00)\tAcc@1   0.39 (  0.21)\tAcc@5   0.78 (  0.61)\n", {"Loss": [6.9412, 6.9012], "Loss (avg)": [6.9523, 6.9323], "Acc@1": [0, 0.39], "Acc@5 (avg)": [0.51, 0.61]}, {"Loss": [10, 20]}),
    Case("MNIST example", "Train Epoch: 1 [0/60000 (0%)]\tLoss: 2.299825\nTrain Epoch: 1 [640/60000 (1%)]\tLoss: 1.727371\n\nTest set: Average loss: 0.0472, Accuracy: 9842/10000 (98%)\n", {"Loss": [2.299825, 1.727371], "test/Average loss": [0.0472], "test/Accuracy": [98]}, {"Loss": [0, 640]}),
    Case("LLaMA-Factory", "[INFO|callbacks.py:310] 2024-06-01 10:00:00,000 >> {'loss': 1.2345, 'learning_rate': 9.9e-05, 'epoch': 0.05}\n[INFO|callbacks.py:310] 2024-06-01 10:01:00,000 >> {'loss': 1.1345, 'learning_rate': 9.8e-05, 'epoch': 0.10}\n", {"loss": [1.2345, 1.1345]}, {"loss": [0.05, 0.1]}),
    Case("axolotl", "{'loss': 4.75, 'grad_norm': 98.5, 'learning_rate': 5e-06, 'memory/max_mem_active(gib)': 25.45, 'epoch': 1.0}\n{'loss': 2.03, 'grad_norm': 59.5, 'learning_rate': 4.9e-06, 'memory/max_mem_active(gib)': 34.89, 'epoch': 2.0}\n", {"loss": [4.75, 2.03], "memory/max_mem_active(gib)": [25.45, 34.89]}, {"loss": [1, 2]}),
    Case("Chinese", "第1轮 训练损失：2.31，验证损失：2.50，准确率：12.5％\n第2轮 训练损失：1.31，验证损失：1.50，准确率：42.5％\n", {"训练损失": [2.31, 1.31], "验证损失": [2.5, 1.5], "准确率": [12.5, 42.5]}, {"训练损失": [1, 2]}),
    Case("Chinese rounds", "轮次 3, 损失: 2.1, 准确率: 0.8\n轮次 4, 损失: 1.9, 准确率: 0.82\n", {"损失": [2.1, 1.9]}, {"损失": [3, 4]}),
    Case("epoch blocks", "Epoch 10/20:\n  Train loss: 1.8234\n  Val loss: 1.9012\n  Val t2a R@1: 12.45%    ← 12.45% of text queries get exact match\n  Val t2a R@5: 31.22%\nEpoch 11/20:\n  Train loss: 1.7234\n  Val loss: 1.8012\n  Val t2a R@1: 13.45%\n  Val t2a R@5: 33.22%\n", {"Train loss": [1.8234, 1.7234], "Val t2a R@1": [12.45, 13.45], "Val t2a R@5": [31.22, 33.22]}, {"Val loss": [10, 11]}),
    Case("=== blocks", "=== Epoch 5 ===\nloss: 0.5\nacc: 0.9\n=== Epoch 6 ===\nloss: 0.4\nacc: 0.91\n", {"loss": [0.5, 0.4], "acc": [0.9, 0.91]}, {"loss": [5, 6]}),
    Case("bullets", "- Epoch 1: Train Loss: 5.59, Val Loss: 5.51\n- Epoch 2: Train Loss: 5.54, Val Loss: 5.50\n", {"Train Loss": [5.59, 5.54], "Val Loss": [5.51, 5.5]}, {"Train Loss": [1, 2]}),
    Case("split sections in a line", "Epoch 1 | Train: loss 3.10 acc 0.50 | Val: loss 3.30 acc 0.40\nEpoch 2 | Train: loss 3.00 acc 0.55 | Val: loss 3.20 acc 0.45\n", {"loss": [3.1, 3.0], "val/loss": [3.3, 3.2], "val/acc": [0.4, 0.45]}, {"val/loss": [1, 2]}),
    Case("validation heading", "Epoch 1\nTraining:\n  loss: 2.0\nValidation:\n  loss: 2.1\nEpoch 2\nTraining:\n  loss: 1.5\nValidation:\n  loss: 1.9\n", {"loss": [2.0, 1.5], "val/loss": [2.1, 1.9]}, {"val/loss": [1, 2]}),
    Case("quoted", "> step 1 loss 2.5\n> step 2 loss 2.4\n", {"loss": [2.5, 2.4]}, {"loss": [1, 2]}),
    Case("editor lines", "Line 46: step=10 loss=2.5\nLine 47: step=20 loss=2.4\n", {"loss": [2.5, 2.4]}, {"loss": [10, 20]}),
    Case("backticks", "`epoch 1, loss = 2.5`\n`epoch 2, loss = 2.4`\n", {"loss": [2.5, 2.4]}, {"loss": [1, 2]}),
    Case("typographic quotes", "{‘loss’: 2.5, ‘epoch’: 1}\n{‘loss’: 2.4, ‘epoch’: 2}\n", {"loss": [2.5, 2.4]}, {"loss": [1, 2]}),
    Case("colours", "\x1b[32mstep 1\x1b[0m loss \x1b[1m2.5\x1b[0m\n\x1b[32mstep 2\x1b[0m loss \x1b[1m2.4\x1b[0m\n", {"loss": [2.5, 2.4]}, {"loss": [1, 2]}),
    Case("decimal commas", "[Epoch 0] train loss: 0,532 acc: 0,81\n[Epoch 1] train loss: 0,412 acc: 0,85\n", {"train loss": [0.532, 0.412], "acc": [0.81, 0.85]}, {"acc": [0, 1]}),
    Case("thousands", "epoch 1: loss = 15,781.5\nepoch 2: loss = 1,008.25\n", {"loss": [15781.5, 1008.25]}, {"loss": [1, 2]}),
    Case("Visual C++ NaN", "step 1 loss 1.0\nstep 2 loss 1.#QNAN\nstep 3 loss -1.#IND\nstep 4 loss 1.#INF\n", {"loss": [1.0, N, N, math.inf]}, {"loss": [1, 2, 3, 4]}),
    Case("inf and nan", "iter=1 loss=inf\niter=2 loss=-inf\niter=3 loss=NaN\niter=4 loss=2.0\n", {"loss": [math.inf, -math.inf, N, 2.0]}, {"loss": [1, 2, 3, 4]}),
    Case("ranks", "[rank0]: step 1 loss 2.5\n[rank1]: step 1 loss 2.7\n[rank0]: step 2 loss 2.4\n[rank1]: step 2 loss 2.6\n", {"loss": [2.5, 2.4], "loss [rank 1]": [2.7, 2.6]}, {"loss [rank 1]": [1, 2]}),
    Case("srun labels", "0: step 1 loss 2.5\n1: step 1 loss 2.5\n0: step 2 loss 2.4\n1: step 2 loss 2.4\n", {"loss": [2.5, 2.4]}, {"loss": [1, 2]}, ("loss [rank 1]",)),
    Case("Ray", "(TrainWorker pid=1234) epoch 1 loss=2.5\n(TrainWorker pid=1234) epoch 2 loss=2.4\n", {"loss": [2.5, 2.4]}, {"loss": [1, 2]}),
    Case("CycleGAN", "================ Training Loss (Wed Oct 30 10:43:06 2024) ================\n(epoch: 1, iters: 100, time: 2.416, data: 9.430) D_A: 0.540 G_A: 0.433 cycle_A: 2.246 \n(epoch: 1, iters: 200, time: 2.386, data: 0.001) D_A: 0.475 G_A: 0.465 cycle_A: 3.771 \n(epoch: 2, iters: 100, time: 2.386, data: 0.001) D_A: 0.375 G_A: 0.365 cycle_A: 2.771 \n", {"D_A": [0.54, 0.475, 0.375], "cycle_A": [2.246, 3.771, 2.771]}, {"D_A": [100, 200, 300]}),
    Case("BasicSR", "2022-06-03 03:01:12,848 INFO: [NAFNe..][epoch:200, iter:  70,400, lr:(7.242e-04,)] [eta: 15:02:14, time (data): 0.399 (0.008)] l_pix: -2.8745e+01\n2022-06-03 03:02:35,619 INFO: [NAFNe..][epoch:201, iter:  70,600, lr:(7.228e-04,)] [eta: 15:00:49, time (data): 0.403 (0.009)] l_pix: -2.9588e+01 \n", {"l_pix": [-28.745, -29.588], "lr": [7.242e-4, 7.228e-4], "time": [0.399, 0.403], "data": [0.008, 0.009]}, {"l_pix": [70400, 70600]}),
    Case("AllenNLP", "2022-09-19 20:36:19,622 - INFO - allennlp.training.tensorboard_writer -                    Training |  Validation\n2022-09-19 20:36:19,623 - INFO - allennlp.training.tensorboard_writer - loss          |     0.510  |     0.543\n2022-09-19 20:36:19,628 - INFO - allennlp.training.tensorboard_writer - fscore        |     0.713  |     0.748\n", {"loss": [0.51], "val/loss": [0.543], "val/fscore": [0.748]}),
    Case("Kaldi", "LOG (nnet3-train) Average objective function for 'output' is -1.234 over 25600 frames.\nLOG (nnet3-train[5.5]:PrintStatsForThisPhase():nnet-training.cc:281) step 2 objf=-1.1\n", {"objf": [-1.1]}),
    Case("units", "step 1 loss 2.5 mem 2.64G time 264ms speed 3.2it/s tokens 5k\nstep 2 loss 2.4 mem 2.64G time 214ms speed 3.4it/s tokens 10k\n", {"loss": [2.5, 2.4], "mem": [2.64, 2.64], "time": [264, 214], "speed": [3.2, 3.4], "tokens": [5000, 10000]}, {"loss": [1, 2]}),
    Case("MATLAB", "|========================================================================================|\n|  Epoch  |  Iteration  |  Time Elapsed  |  Mini-batch  |  Mini-batch  |  Base Learning  |\n|         |             |   (hh:mm:ss)   |   Accuracy   |     Loss     |      Rate       |\n|========================================================================================|\n|       1 |           1 |       00:00:00 |       13.28% |       2.3026 |          0.0100 |\n|       2 |          50 |       00:00:05 |       73.28% |       0.8026 |          0.0100 |\n|========================================================================================|\n", {"Mini-batch Accuracy": [13.28, 73.28], "Mini-batch Loss": [2.3026, 0.8026]}, {"Mini-batch Loss": [1, 50]}),
    Case("one line", "epoch 3 loss 0.25\n", {"loss": [0.25]}, {"loss": [3]}),
    Case("accelerate prints", "epoch 0: train_loss=0.6931, eval_acc=0.5000\nepoch 1: train_loss=0.5931, eval_acc=0.6000\n", {"train_loss": [0.6931, 0.5931], "eval_acc": [0.5, 0.6]}, {"train_loss": [0, 1]}),
    Case("DCGAN", "[0/5][0/100] Loss_D: 1.5 Loss_G: 2.5 D(x): 0.6 D(G(z)): 0.3 / 0.2\n[0/5][50/100] Loss_D: 1.4 Loss_G: 2.6 D(x): 0.6 D(G(z)): 0.3 / 0.2\n[1/5][0/100] Loss_D: 1.3 Loss_G: 2.7 D(x): 0.6 D(G(z)): 0.3 / 0.2\n", {"Loss_D": [1.5, 1.4, 1.3], "D(G(z))": [0.3, 0.3, 0.3]}, {"Loss_D": [0, 50, 100]}),
    Case("tensors", "step=100, {'train/loss': tensor(2.3456, device='cuda:0', grad_fn=<MeanBackward0>), 'train/acc': tensor(0.5)}\nstep=200, {'train/loss': tensor(2.2456, device='cuda:0', grad_fn=<MeanBackward0>), 'train/acc': tensor(0.6)}\n", {"train/loss": [2.3456, 2.2456], "train/acc": [0.5, 0.6]}, {"train/acc": [100, 200]}),
    Case("value after its counter", "Training loss at epoch 5: 0.341\nTraining loss at epoch 6: 0.331\n", {"Training loss": [0.341, 0.331]}, {"Training loss": [5, 6]}),
    Case("slashed names", "Epoch 4 done. Average loss: 0.3456; R@1/R@5/R@10: 12.3/34.5/45.6\nEpoch 5 done. Average loss: 0.3356; R@1/R@5/R@10: 13.3/35.5/46.6\n", {"Average loss": [0.3456, 0.3356], "R@5": [34.5, 35.5]}, {"R@10": [4, 5]}),
    Case("word language model", "| epoch   1 |   200/ 2983 batches | lr 20.00 | ms/batch 12.34 | loss  7.63 | ppl  2061.73\n| epoch   1 |   400/ 2983 batches | lr 20.00 | ms/batch 12.34 | loss  6.63 | ppl  1061.73\n| end of epoch   1 | time: 50.12s | valid loss  5.56 | valid ppl   260.12\n", {"loss": [7.63, 6.63], "valid loss": [5.56]}, {"loss": [200, 400]}),
    Case("glued counters", "Epoch1: loss=0.5\nEpoch2: loss=0.4\n", {"loss": [0.5, 0.4]}, {"loss": [1, 2]}),
    Case("arrow steps", "Step: 100, Train Loss => 0.5, Valid Loss => 0.6\nStep: 200, Train Loss => 0.4, Valid Loss => 0.55\n", {"Train Loss": [0.5, 0.4], "Valid Loss": [0.6, 0.55]}, {"Train Loss": [100, 200]}),
    Case("unsloth", "Unsloth: Will smartly offload gradients to save VRAM!\n{'loss': 1.5, 'grad_norm': 0.5, 'learning_rate': 0.0002, 'epoch': 0.1}\n{'loss': 1.4, 'grad_norm': 0.6, 'learning_rate': 0.0001, 'epoch': 0.2}\n", {"loss": [1.5, 1.4], "grad_norm": [0.5, 0.6]}, {"loss": [0.1, 0.2]}),
]
# fmt: on


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_numbers_of_a_trainers_log_are_read_under_their_names_and_at_their_steps(case: Case) -> None:
    run = read(case.text)
    for name, values in case.values.items():
        assert name in run.series, f"{name} is not among {list(run.series)}"
        assert run.series[name].values.tolist() == pytest.approx(values, nan_ok=True)
    for name, steps in case.steps.items():
        assert run.series[name].has_steps
        assert run.series[name].steps.tolist() == pytest.approx(steps)
    assert not set(case.absent) & set(run.series)
    assert run.series


def test_a_term_that_is_called_like_a_setting_is_a_loss() -> None:
    (run,) = READER.read(LogFile("a.log", b"\n".join(b"| epoch %d | clip loss 7.%d |" % (n, 5 - n) for n in range(5))))
    assert run.series["clip loss"].values.tolist() == [7.5, 7.4, 7.3, 7.2, 7.1]
