/** Activations that `HlsLayer.activation` names, by the spellings of hls4ml, Keras and QKeras. */
const SPELLINGS: Record<string, string> = {
  relu: 'relu',
  quantizedrelu: 'relu',
  relu6: 'relu',
  leakyrelu: 'leaky_relu',
  prelu: 'prelu',
  elu: 'elu',
  selu: 'selu',
  sigmoid: 'sigmoid',
  tanh: 'tanh',
  // of QKeras, unless they ask for the real one
  quantizedtanh: 'hard_tanh',
  quantizedsigmoid: 'hard_sigmoid',
  softmax: 'softmax',
  softplus: 'softplus',
  softsign: 'softsign',
  hardsigmoid: 'hard_sigmoid',
  hardtanh: 'hard_tanh',
  binarytanh: 'binary_tanh',
  binary: 'binary_tanh',
  ternarytanh: 'ternary_tanh',
  ternary: 'ternary_tanh',
  linear: 'linear',
  quantizedbits: 'linear',
  thresholdedrelu: 'relu',
};

/** The name hwcast uses for an activation (`ReLU`, `quantized_relu(4,0)`, `hard_sigmoid`), undefined where unknown. */
export const activationNamed = (text: string): string | undefined => {
  const name = SPELLINGS[text.replace(/\(.*$/s, '').replace(/[_\s]/g, '').toLowerCase()];
  return /use_real_(tanh|sigmoid)\s*=\s*(1|true)/i.test(text) ? name?.replace('hard_', '') : name;
};
