/** Files of a small hls4ml project: one dense layer of 2 x 3 with a rectifier. */
export const PARAMETERS = `#ifndef PARAMETERS_H_
#define PARAMETERS_H_
// hls-fpga-machine-learning insert layer-config
// fc1
struct config2 : nnet::dense_config {
    static const unsigned n_in = N_INPUT_1_1;
    static const unsigned n_out = N_LAYER_2;
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned strategy = nnet::latency;
    static const unsigned reuse_factor = 1;
    static const unsigned n_zeros = 1;
    static const unsigned multiplier_limit = DIV_ROUNDUP(n_in * n_out, reuse_factor) - n_zeros / reuse_factor;
    typedef model_default_t accum_t;
    typedef bias2_t bias_t;
    typedef weight2_t weight_t;
};

// relu1
struct relu_config4 : nnet::activ_config {
    static const unsigned n_in = 3;
    static const unsigned table_size = 1024;
    typedef relu1_table_t table_t;
};
#endif
`;
export const DEFINES = `#define N_INPUT_1_1 2
#define N_LAYER_2 3
typedef ap_fixed<16,6> input_t;
typedef nnet::array<ap_fixed<16,6>, 3*1> model_default_t;
typedef ap_fixed<16,6> layer2_t;
typedef ap_fixed<6,1> weight2_t;
typedef ap_fixed<6,1> bias2_t;
typedef ap_ufixed<6,0,AP_RND_CONV,AP_SAT,0> layer4_t;
`;
export const CONFIG = `Backend: Vivado
ClockPeriod: 5
HLSConfig:
  Model: {Precision: 'ap_fixed<16,6>', ReuseFactor: 1, Strategy: Latency}
IOType: io_parallel
KerasModel: !keras_model 'out/prj/model.json'
Part: xc7z020clg400-1
ProjectName: prj
`;
export const KERAS = JSON.stringify({
  class_name: 'Sequential',
  config: {
    name: 'tagger',
    layers: [
      { class_name: 'InputLayer', config: { batch_input_shape: [null, 2], name: 'x' } },
      { class_name: 'Dense', config: { name: 'fc1', units: 3 } },
      { class_name: 'Activation', config: { name: 'relu1', activation: 'relu' } },
    ],
  },
});
