// Files in the formats of the tools that write them, and what of them becomes metrics, tables and curves.
#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "support/read_metrics.hpp"

using namespace cml;
using namespace cml::test;

TEST_CASE("readers: JSON Lines of any logger, the last value of each name", "[metrics]") {
  std::string const lines = "{\"step\": 0, \"loss\": 2.0}\n{\"step\": 10, \"loss\": 1.5, \"val\": {\"acc\": 0.5}}\n";
  CHECK(read_values("log.jsonl", lines) == "step=10; loss=1.5; val.acc=0.5");
  CHECK(read_table("log.ndjson", lines) == "step,loss,val.acc; 0,2.0,None; 10,1.5,0.5");
  CHECK(read_values("20260101.log.json", "{\"env\": \"x\"}\n{\"mode\": \"train\", \"loss\": 0.5}\n") == "loss=0.5");
  CHECK(read_values("run.log", lines) == "step=10; loss=1.5; val.acc=0.5");
  CHECK(contains(read_values("bad.jsonl", "nothing\n"), "holds no line that is a JSON object"));
  auto const cut = read_bytes("cut.jsonl", lines + "{\"step\": 20, \"lo");
  REQUIRE(cut);
  REQUIRE(cut->notes.size() == 1);
  CHECK(contains(cut->notes[0], "line 3 is no JSON"));
  CHECK(contains(cut->cut, "line 3, the last record"));
  CHECK(read_bytes("mended.jsonl", "{\"a\n" + lines)->cut.empty());
  // NaN as many loggers write it, against a value that is not taken at each step.
  CHECK(read_values("log.jsonl", lines + "{\"step\": 20, \"loss\": null}\n") == "step=20; loss=None; val.acc=0.5");
  CHECK(read_values("log.jsonl", "{\"a\": null}\n{\"a\": 1}\n{\"a\": null}\n") == "a=1");
  // One object over several lines is JSON.
  CHECK(read_values("m.json", "{\"a\": 1,\n\"b\": 2}") == "a=1; b=2");
}

TEST_CASE("readers: bytes that are not UTF-8 are Latin-1, in names as in values", "[metrics]") {
  CHECK(read_values("m.csv", "step,p\xe9rte\n1,0.5\n") == "step=1; p\u00e9rte=0.5");
  CHECK(read_table("m.csv", "n\xe4me\n\xfc\n") == "n\u00e4me; \u00fc");
  CHECK(read_values("m.json", "{\"p\xe9\": 1}") == "p\u00e9=1");
}

TEST_CASE("readers: curves from lists: Keras' history, LightGBM's and XGBoost's evals_result", "[metrics]") {
  auto const keras =
      read_bytes("history.json", R"({"loss": [2.0, 1.0, null], "val_loss": [2.5, null, 1.25], "lr": [1, null, null]})");
  REQUIRE(keras);
  REQUIRE(keras->metrics.size() == 3);
  CHECK(metrics::to_python(*keras->metrics[0].last) == "None");  // It had one at each step, and has lost it.
  CHECK(metrics::to_python(*keras->metrics[1].last) == "1.25");
  CHECK(metrics::to_python(*keras->metrics[2].last) == "None");
  auto const sparse = read_bytes("history.json", R"({"loss": [2.0, 1.0, 0.5], "val": [null, 1.5, null]})");
  REQUIRE(sparse);
  CHECK(metrics::to_python(*sparse->metrics[1].last) == "1.5");
  CHECK(read_table("history.json", R"({"loss": [2.0, 1.0], "val_loss": [2.5, 1.5]})") ==
        "loss,val_loss; 2.0,2.5; 1.0,1.5");
  CHECK(read_table("evals.json", R"({"training": {"auc": [0.5, 0.75]}, "valid_1": {"auc": [0.5, 0.625]}})") ==
        "training.auc,valid_1.auc; 0.5,0.5; 0.75,0.625");
  // A list beside other values is a list: of classes, of predictions.
  CHECK(read_values("m.json", R"({"accuracy": 0.5, "per_class": [0.25, 0.75]})") ==
        "accuracy=0.5; per_class=[0.25, 0.75]");
}

TEST_CASE("readers: records of trainers and benchmarks inside documents", "[metrics]") {
  CHECK(read_values("trainer_state.json",
                    R"({"best_metric": 0.125, "global_step": 20, "log_history": [{"epoch": 1, "loss": 0.5, "step": 10},
{"epoch": 1, "eval_wer": 0.25, "step": 10}, {"epoch": 2, "loss": 0.375, "step": 20}]})") ==
        "epoch=2; loss=0.375; step=20; eval_wer=0.25; best_metric=0.125");
  std::string const pytest = R"({"machine_info": {"node": "x"}, "commit_info": {}, "benchmarks": [{"name": "test_fit",
"fullname": "t.py::test_fit", "stats": {"min": 0.25, "max": 1.0, "mean": 0.5, "stddev": 0.25, "median": 0.5,
"rounds": 4, "ops": 2.0, "data": [1]}}], "datetime": "2026", "version": "4"})";
  CHECK(read_values("b.json", pytest) == "test_fit.mean (seconds)=0.5; test_fit.median (seconds)=0.5");
  CHECK(*read_bytes("b.json", pytest)->metrics[0].noise == 0.125);
  CHECK(read_table("b.json", pytest) ==
        "name,min,median,mean,stddev,max,ops,rounds; test_fit,0.25,0.5,0.5,0.25,1.0,2.0,4");
  CHECK(read_values("g.json",
                    R"({"context": {"date": "x"}, "benchmarks": [{"name": "BM_a", "run_type": "iteration",
"iterations": 10, "real_time": 5.5, "cpu_time": 5.25, "time_unit": "us", "items_per_second": 100.0},
{"name": "BM_b", "error_occurred": true, "error_message": "no file"}]})") ==
        "BM_a.real_time (us)=5.5; BM_a.cpu_time (us)=5.25; BM_a.items_per_second=100.0");
  CHECK(read_values("r.json",
                    R"({"context": {}, "benchmarks": [{"name": "BM", "run_name": "BM", "run_type": "iteration",
"real_time": 9}, {"name": "BM_mean", "run_name": "BM", "run_type": "aggregate", "aggregate_name": "mean",
"repetitions": 4, "real_time": 8, "cpu_time": 7, "time_unit": "ns"}, {"name": "BM_stddev", "run_name": "BM",
"run_type": "aggregate", "aggregate_name": "stddev", "real_time": 2}]})") ==
        "BM_mean.real_time (ns)=8.0; BM_mean.cpu_time (ns)=7.0");
  auto const hyperfine =
      read_bytes("h.json", R"({"results": [{"command": "make", "mean": 2.5, "stddev": 0.5, "median": 2.25,
"times": [2, 3, 2.5, 2.5],
"exit_codes": [0, 1]}]})");
  REQUIRE(hyperfine);
  CHECK(hyperfine->metrics[0].name == "make.mean (seconds)");
  CHECK(*hyperfine->metrics[0].noise == 0.25);
  CHECK(hyperfine->notes == std::vector<std::string>{"make: ended with exit code 1"});
  CHECK(read_values("estimates.json",
                    R"({"mean": {"point_estimate": 12.5, "standard_error": 0.5, "confidence_interval": {}},
"median": {"point_estimate": 12.0, "standard_error": 0.25}, "slope": null})") == "mean (ns)=12.5; median (ns)=12.0");
  CHECK(read_values("k6.json",
                    R"j({"root_group": {}, "metrics": {"http_req_duration": {"type": "trend", "contains": "time",
"values": {"avg": 1.5, "p(95)": 3.5}, "thresholds": {"p(95)<3": {"ok": false}}}, "iterations": {"count": 5}}})j") ==
        "http_req_duration.avg=1.5; http_req_duration.p(95)=3.5; iterations.count=5.0");
}

TEST_CASE("readers: evaluations of language models and of data", "[metrics]") {
  std::string const harness = R"({"results": {"arc": {"alias": "arc", "acc,none": 0.5, "acc_stderr,none": 0.01},
"gsm8k": {"exact_match,strict-match": 0.25, "exact_match_stderr,strict-match": "N/A"}}, 
"n-shot": {"arc": 0, "gsm8k": 5}, "configs": {"arc": {"task": "arc", "num_fewshot": 0}}, "versions": {"arc": 1.0}})";
  CHECK(read_values("results.json", harness) == "arc.acc=0.5; gsm8k.exact_match,strict-match=0.25");
  CHECK(*read_bytes("results.json", harness)->metrics[0].noise == 0.01);
  CHECK(read_table("results.json", harness) ==
        "task,n-shot,acc,exact_match,strict-match; arc,0.0,0.5,None; gsm8k,5.0,None,0.25");
  CHECK(read_values("Task.json",
                    R"({"task_name": "STS", "mteb_version": "1.14", "scores": {"test": [{"hf_subset": "default",
"languages": ["eng"], "main_score": 0.75, "cosine_spearman": 0.75}, {"hf_subset": "de", "main_score": 0.5}]}})") ==
        "STS.test.main_score=0.75; STS.test.cosine_spearman=0.75; STS.test.de.main_score=0.5");
  std::string const promptfoo = R"({"evalId": "e", "results": {"version": 3, "stats": {"successes": 3, "failures": 1,
"errors": 0, "tokenUsage": {"total": 40}}, "results": [{"success": true, "score": 1, "latencyMs": 500, "prompt":
{"label": "P", "raw": "x"}, "response": {"output": "Hi"}, "vars": {"x": "a"}, 
"provider": {"id": "m", "label": ""}}]}})";
  CHECK(read_values("p.json", promptfoo) ==
        "successes=3; failures=1; errors=0; pass_rate (%)=75.0; tokens=40.0; mean_score=1.0");
  CHECK(read_table("p.json", promptfoo) ==
        "provider,prompt,test,passed,score,latencyMs,output,reason; m,P,x=a,True,1.0,500.0,Hi,");
  CHECK(read_values("e.json",
                    R"({"metrics": [{"metric": "DatasetDriftMetric", "result": {"drift_share": 0.5,
"dataset_drift": false}}, {"metric": "DataDriftTable", "result": {"drift_by_columns": {"age": {"drift_score": 0.25,
"current": {"small_distribution": {"x": [1, 2]}}}}}}], "timestamp": "t", "version": "0.4"})") ==
        "DatasetDriftMetric.drift_share=0.5; DatasetDriftMetric.dataset_drift=False; "
        "DataDriftTable.drift_by_columns.age.drift_score=0.25");
  CHECK(read_values("e6.json", R"j({"metrics": [{"id": "1", "metric_id": "MeanValue(column=a)", "value": 1.5},
{"id": "2", "metric_id": "DriftedColumnsCount", "value": {"count": 2, "share": 0.5}}], "tests": []})j") ==
        "MeanValue(column=a)=1.5; DriftedColumnsCount.count=2; DriftedColumnsCount.share=0.5");
  // Any other document whose numbers stand in its records alone: by the column that names them, else the last one.
  CHECK(read_values("d.json", R"({"model": "m",
"scores": [{"name": "bias", "value": 0.5}, {"name": "harm", "value": 0.25}]})") ==
        "model=m; scores=[{'name': 'bias', 'value': 0.5}, {'name': 'harm', 'value': 0.25}]; scores.bias.value=0.5; "
        "scores.harm.value=0.25");
}

TEST_CASE("readers: W&B's own keys are no metrics, its config.yaml holds parameters", "[metrics]") {
  CHECK(read_values("wandb-summary.json", R"({"_wandb": {"runtime": 3}, "_step": 9, "_runtime": 3.5, "acc": 0.5})") ==
        "acc=0.5");
  auto const config = read_bytes("config.yaml",
                                 "wandb_version: 1\n_wandb:\n  desc: null\n  value: {cli: 1}\n"
                                 "lr:\n  desc: null\n  value: 0.5\nopt:\n  value: {name: adam}\n");
  REQUIRE(config);
  REQUIRE(config->params);
  REQUIRE(config->params->size() == 2);
  CHECK(config->params->at(0).name == "lr");
  CHECK(config->params->at(1).name == "opt.name");
}

TEST_CASE("readers: the logs of loggers and trainers, line by line", "[metrics]") {
  struct Log {
    std::string text, values;
  };
  for (Log const& log : std::vector<Log>{
           {"epoch=0 loss=0.9 acc=0.0\nepoch=1 loss=0.8 acc=0.1\n", "epoch=1; loss=0.8; acc=0.1"},
           {"2025-01-01 10:00:00,123 - trainer - INFO - Epoch 3: loss=0.5 acc=0.9 lr: 1e-4\n",
            "epoch=3; loss=0.5; acc=0.9; lr=0.0001"},
           {"[2025-01-01 10:00:00] INFO loss: 0.2\n", "loss=0.2"},
           {"INFO:root:loss=0.25\n", "loss=0.25"},
           {"2025-01-01T10:00:00.5Z WARNING [train] val loss: 0.5, val acc: 90%\n", "val loss=0.5; val acc (%)=90"},
           {"[0]\ttrain-rmse:1.5\tvalid-rmse:1.75\n[1]\ttrain-rmse:0.5\tvalid-rmse:0.75\n",
            "iteration=1; train-rmse=0.5; valid-rmse=0.75"},
           {"[LightGBM] [Info] Total Bins 255\n[1]\tvalid_0's auc: 0.75\tvalid_0's l2: 0.5\n",
            "Total Bins=255; iteration=1; valid_0's auc=0.75; valid_0's l2=0.5"},
           {"{'loss': 0.5, 'grad_norm': 1.5, 'learning_rate': 1e-05, 'epoch': 0.5}\n",
            "loss=0.5; grad_norm=1.5; learning_rate=1e-05; epoch=0.5"},
           {"Epoch 2/5\n1875/1875 ━━━━━━━━━━ 3s 2ms/step - accuracy: 0.875 - loss: 0.5 - val_loss: 0.25\n",
            "accuracy=0.875; loss=0.5; val_loss=0.25"},
           {"Epoch 1:  10%|███▌      | 1/10 [00:01<00:09,  1.10it/s, loss=0.5, v_num=3]\n",
            "epoch=1; loss=0.5; v_num=3"},
           {"Time: 00:12:33\nTook: 2.5ms\n", "Time (seconds)=753.0; Took (ms)=2.5"},
           {" Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.371\n"
            " Average Precision  (AP) @[ IoU=0.50      | area=   all | maxDets=100 ] = 0.578\n"
            " Average Precision  (AP) @[ IoU=0.50:0.95 | area= small | maxDets=100 ] = 0.183\n"
            " Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets=  1 ] = 0.310\n",
            "AP=0.371; AP50=0.578; AP_small=0.183; AR@1=0.31"},
           {"                 Class     Images  Instances      Box(P          R      mAP50  mAP50-95): 100%|████| 4/4\n"
            "                   all        128        929       0.64      0.537      0.605      0.446\n"
            "          traffic light        128        14       0.5      0.25      0.125      0.0625\n",
            "Images=128; Instances=929; P=0.64; R=0.537; mAP50=0.605; mAP50-95=0.446"},
           {"E    #       LOSS NER  ENTS_F  SCORE\n---  ------  --------  ------  ------\n"
            "  0       0     45.67    0.00    0.00\n  1     200     12.50   80.00    0.80\n",
            "E=1; #=200; LOSS NER=12.5; ENTS_F=80.0; SCORE=0.8"},
           {"Step 100 loss 0.5\nStep 200 loss 0.25\n", "Step=200; loss=0.25"}}) {
    INFO(log.text);
    CHECK(read_values("train.log", log.text) == log.values);
  }
  CHECK(read_table("train.log", "Epoch 1/2\nloss: 0.5\nEpoch 2/2\nloss: 0.25\n") == "epoch,loss; 1,0.5; 2,0.25");
  CHECK(contains(read_values("t.log", "see http://x:80/a\nshape: (3, 4)\nat 10:00 we began\n"), "no metrics found"));
  std::string many;
  for (int i = 0; i < 1000; ++i)
    many += "2025-01-01 10:00:00,123 - trainer - INFO - Epoch " + std::to_string(i) + ": loss=0.5 acc=0.9 lr: 1e-4\n";
  CHECK(read_values("train.log", many) == "epoch=999; loss=0.5; acc=0.9; lr=0.0001");
}

TEST_CASE("readers: tables with semicolons, comments, words for nothing, and of other encodings", "[metrics]") {
  CHECK(read_table("a.csv", "step;loss\n0;0,5\n1;N/A\n") == "step,loss; 0,0.5; 1,None");
  CHECK(read_table("a.csv", "# made by x\n\nstep,loss\n0,0.5\n1,-\n2,NA\n") == "step,loss; 0,0.5; 1,None; 2,None");
  CHECK(read_table("a.csv", "# step,loss\n0,0.5\n") == "step,loss; 0,0.5");
  CHECK(read_table("a.csv", "model,kind\na,None\nb,NA\n") == "model,kind; a,None; b,NA");  // Text stays text.
  CHECK(read_values("a.csv", "step,loss\n0,0.5\n1,N/A\n") == "step=1; loss=0.5");
  std::string wide("\xFF\xFE");
  for (char c : std::string(R"({"acc": 0.5})")) wide += c, wide += '\0';
  CHECK(read_values("m.json", wide) == "acc=0.5");
  CHECK(read_values("m.json", "{\"pr\xE4zision\": 0.5}") == "präzision=0.5");
  CHECK(read_values("m.yaml", "pr\xE4zision: 0.5\n") == "präzision=0.5");
}

TEST_CASE("readers: a note of DVC's says which file to name", "[metrics]") {
  CHECK(read_values("metrics.json.dvc", "outs:\n- md5: c8\n  size: 65\n  path: metrics.json\n") ==
        "error: metrics.json.dvc: as DVC's note: tells DVC where a file is kept; name the file itself (dvc pull gets "
        "it)");
}

TEST_CASE("readers: the last line of a log counts also where it is coloured, infinite or says nothing", "[metrics]") {
  CHECK(read_values("a.log", "loss: 0.5\n\x1b[32mloss: \x1b[1m0.25\x1b[0m\n") == "loss=0.25");
  CHECK(read_values("a.log", "loss=0.5\nloss=1e400\n") == "loss=inf");
  CHECK(read_values("a.log", "loss=0.5 acc=0.5\nloss=None acc=0.75\n") == "loss=None; acc=0.75");
  CHECK(read_values("a.log", "status: none\nloss: 0.5\n") == "loss=0.5");
  CHECK(read_values("m.json", R"({"loss": 1e400})") == "loss=inf");
  CHECK(read_values("m.csv", "loss\n1e400\n") == "loss=inf");
}

TEST_CASE("readers: numbers with thousands' commas, and as Python's libraries print them", "[metrics]") {
  CHECK(read_values("a.log", "samples: 1,234.5, loss: 0.5\n") == "samples=1234.5; loss=0.5");
  CHECK(read_values("a.log", "samples=12,345,678 loss=0.5\n") == "samples=12345678; loss=0.5");
  CHECK(read_values("a.log", "loss=1,acc=234,f1=5\n") == "loss=1; acc=234; f1=5");
  CHECK(read_values("a.log", "{'loss': np.float64(0.5), 'n': np.int64(3)}\n") == "loss=0.5; n=3");
  CHECK(read_values("a.log", "loss: tensor(0.5, device='cuda:0', grad_fn=<MeanBackward0>) acc: 0.75\n") ==
        "loss=0.5; acc=0.75");
  CHECK(read_values("a.log", "| acc | 0.93 |\n| loss | 0.2 |\n") == "acc=0.93; loss=0.2");
}

TEST_CASE("readers: Optuna's table of trials says how many there are and where their values end",
          "[metrics][readers]") {
  auto const read = read_bytes("trials.csv",
                               ",number,value,datetime_start,duration,params_lr,system_attrs_x,state\n"
                               "0,0,0.5,2026-01-01 10:00:00,0 days 00:00:01,0.1,1,COMPLETE\n"
                               "1,1,0.25,2026-01-01 10:00:01,0 days 00:00:01,0.2,1,COMPLETE\n"
                               "2,2,99,2026-01-01 10:00:02,0 days 00:00:01,0.3,1,PRUNED\n"
                               "3,3,,2026-01-01 10:00:03,,0.4,1,FAIL\n");
  REQUIRE(read);
  CHECK(read->format == "Optuna");
  std::string shown;
  for (auto const& metric : read->metrics) shown += metric.name + "=" + metrics::to_python(metric.value) + " ";
  CHECK(shown == "trials=4 trials.complete=2 trials.pruned=1 trials.fail=1 value.lowest=0.25 value.highest=0.5 ");
  REQUIRE(read->overview);
  CHECK(read->overview->column("params_lr") != nullptr);
  CHECK(read->overview->column("system_attrs_x") == nullptr);
  CHECK(read->tables[0].column("system_attrs_x") != nullptr);
  // A table that merely has such names is none.
  CHECK(read_bytes("t.csv", "number,value,state\n1,2,x\n")->format != "Optuna");
}
