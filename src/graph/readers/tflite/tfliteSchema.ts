/**
 * Tables of the TensorFlow Lite schema as far as graphs need them, fields in the schema's order, since a field's place is its number in the file; a union takes
 * two places, its type and its value. Source: tensorflow/compiler/mlir/lite/schema/schema.fbs of tensorflow/tensorflow, versions 3 to 3c (identifier TFL3).
 * `NAME:TYPE`, with `=VALUE` where the default is not 0.
 */
const TABLES = {
  Model:
    'version:uint operator_codes:[OperatorCode] subgraphs:[SubGraph] description:string buffers:[Buffer] metadata_buffer:[int] metadata:[Metadata] ' +
    'signature_defs:[SignatureDef]',
  OperatorCode: 'deprecated_builtin_code:byte custom_code:string version:int=1 builtin_code:int',
  SubGraph: 'tensors:[Tensor] inputs:[int] outputs:[int] operators:[Operator] name:string',
  Tensor:
    'shape:[int] type:byte buffer:uint name:string quantization:QuantizationParameters is_variable:bool sparsity:SparsityParameters ' +
    'shape_signature:[int] has_rank:bool',
  QuantizationParameters: 'min:[float] max:[float] scale:[float]',
  SparsityParameters: 'traversal_order:[int]',
  Operator:
    'opcode_index:uint inputs:[int] outputs:[int] builtin_options_type:ubyte builtin_options:table custom_options:[ubyte] custom_options_format:byte ' +
    'mutating_variable_inputs:[bool] intermediates:[int] large_custom_options_offset:ulong large_custom_options_size:ulong ' +
    'builtin_options_2_type:ubyte builtin_options_2:table',
  Buffer: 'data:[ubyte] offset:ulong size:ulong',
  SignatureDef: 'inputs:[TensorMap] outputs:[TensorMap] signature_key:string deprecated_tag:string subgraph_index:uint',
  Metadata: 'name:string buffer:uint',
  TensorMap: 'name:string tensor_index:uint',
  Conv2DOptions:
    'padding:byte stride_w:int stride_h:int fused_activation_function:byte dilation_w_factor:int=1 dilation_h_factor:int=1',
  Conv3DOptions:
    'padding:byte stride_d:int stride_w:int stride_h:int fused_activation_function:byte dilation_d_factor:int=1 dilation_w_factor:int=1 dilation_h_factor:int=1',
  DepthwiseConv2DOptions:
    'padding:byte stride_w:int stride_h:int depth_multiplier:int fused_activation_function:byte dilation_w_factor:int=1 dilation_h_factor:int=1',
  TransposeConvOptions: 'padding:byte stride_w:int stride_h:int fused_activation_function:byte',
  Pool2DOptions: 'padding:byte stride_w:int stride_h:int filter_width:int filter_height:int fused_activation_function:byte',
  FullyConnectedOptions: 'fused_activation_function:byte weights_format:byte keep_num_dims:bool',
  BatchMatMulOptions: 'adj_x:bool adj_y:bool',
  ArithmeticOptions: 'fused_activation_function:byte',
  ConcatenationOptions: 'axis:int fused_activation_function:byte',
  LocalResponseNormalizationOptions: 'radius:int',
  ReshapeOptions: 'new_shape:[int]',
  BlockOptions: 'block_size:int',
  GatherOptions: 'axis:int batch_dims:int',
  ReducerOptions: 'keep_dims:bool',
  SqueezeOptions: 'squeeze_dims:[int]',
  SplitOptions: 'num_splits:int',
  StridedSliceOptions: 'begin_mask:int end_mask:int ellipsis_mask:int new_axis_mask:int shrink_axis_mask:int offset:bool',
  PackOptions: 'values_count:int axis:int',
  UnpackOptions: 'num:int axis:int',
  OneHotOptions: 'axis:int',
  SVDFOptions: 'rank:int fused_activation_function:byte',
  LSTMOptions: 'fused_activation_function:byte cell_clip:float proj_clip:float kernel_type:byte',
  UnidirectionalSequenceLSTMOptions: 'fused_activation_function:byte cell_clip:float proj_clip:float time_major:bool',
  BidirectionalSequenceLSTMOptions:
    'fused_activation_function:byte cell_clip:float proj_clip:float merge_outputs:bool time_major:bool=1',
  SequenceRNNOptions: 'time_major:bool fused_activation_function:byte',
  BidirectionalSequenceRNNOptions: 'time_major:bool fused_activation_function:byte merge_outputs:bool',
  CallOptions: 'subgraph:uint',
  IfOptions: 'then_subgraph_index:int else_subgraph_index:int',
  WhileOptions: 'cond_subgraph_index:int body_subgraph_index:int',
  StableHLOCompositeOptions: 'name:string decomposition_subgraph_index:int',
  VarHandleOptions: 'container:string shared_name:string',
} as const;

export type TableName = keyof typeof TABLES;

export interface Field {
  /** place in the table */
  number: number;
  type: string;
  fallback: number;
}

/** Fields of each table by name. */
export const FIELDS = Object.fromEntries(
  Object.entries(TABLES).map(([table, text]) => [
    table,
    new Map(
      text.split(' ').map((field, number): [string, Field] => {
        const [name, type, fallback = '0'] = field.split(/[:=]/);
        return [name, { number, type, fallback: Number(fallback) }];
      }),
    ),
  ]),
) as Readonly<Record<string, ReadonlyMap<string, Field>>>;

/** `BuiltinOperator` of the schema, in the order of its numbers from 0. */
export const BUILTIN_OPERATORS: readonly string[] = (
  'ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE EMBEDDING_LOOKUP FLOOR FULLY_CONNECTED HASHTABLE_LOOKUP ' +
  'L2_NORMALIZATION L2_POOL_2D LOCAL_RESPONSE_NORMALIZATION LOGISTIC LSH_PROJECTION LSTM MAX_POOL_2D MUL RELU RELU_N1_TO_1 RELU6 RESHAPE ' +
  'RESIZE_BILINEAR RNN SOFTMAX SPACE_TO_DEPTH SVDF TANH CONCAT_EMBEDDINGS SKIP_GRAM CALL CUSTOM EMBEDDING_LOOKUP_SPARSE PAD ' +
  'UNIDIRECTIONAL_SEQUENCE_RNN GATHER BATCH_TO_SPACE_ND SPACE_TO_BATCH_ND TRANSPOSE MEAN SUB DIV SQUEEZE UNIDIRECTIONAL_SEQUENCE_LSTM STRIDED_SLICE ' +
  'BIDIRECTIONAL_SEQUENCE_RNN EXP TOPK_V2 SPLIT LOG_SOFTMAX DELEGATE BIDIRECTIONAL_SEQUENCE_LSTM CAST PRELU MAXIMUM ARG_MAX MINIMUM LESS NEG PADV2 ' +
  'GREATER GREATER_EQUAL LESS_EQUAL SELECT SLICE SIN TRANSPOSE_CONV SPARSE_TO_DENSE TILE EXPAND_DIMS EQUAL NOT_EQUAL LOG SUM SQRT RSQRT SHAPE POW ' +
  'ARG_MIN FAKE_QUANT REDUCE_PROD REDUCE_MAX PACK LOGICAL_OR ONE_HOT LOGICAL_AND LOGICAL_NOT UNPACK REDUCE_MIN FLOOR_DIV REDUCE_ANY SQUARE ZEROS_LIKE ' +
  'FILL FLOOR_MOD RANGE RESIZE_NEAREST_NEIGHBOR LEAKY_RELU SQUARED_DIFFERENCE MIRROR_PAD ABS SPLIT_V UNIQUE CEIL REVERSE_V2 ADD_N GATHER_ND COS WHERE ' +
  'RANK ELU REVERSE_SEQUENCE MATRIX_DIAG QUANTIZE MATRIX_SET_DIAG ROUND HARD_SWISH IF WHILE NON_MAX_SUPPRESSION_V4 NON_MAX_SUPPRESSION_V5 SCATTER_ND ' +
  'SELECT_V2 DENSIFY SEGMENT_SUM BATCH_MATMUL PLACEHOLDER_FOR_GREATER_OP_CODES CUMSUM CALL_ONCE BROADCAST_TO RFFT2D CONV_3D IMAG REAL COMPLEX_ABS ' +
  'HASHTABLE HASHTABLE_FIND HASHTABLE_IMPORT HASHTABLE_SIZE REDUCE_ALL CONV_3D_TRANSPOSE VAR_HANDLE READ_VARIABLE ASSIGN_VARIABLE BROADCAST_ARGS ' +
  'RANDOM_STANDARD_NORMAL BUCKETIZE RANDOM_UNIFORM MULTINOMIAL GELU DYNAMIC_UPDATE_SLICE RELU_0_TO_1 UNSORTED_SEGMENT_PROD UNSORTED_SEGMENT_MAX ' +
  'UNSORTED_SEGMENT_SUM ATAN2 UNSORTED_SEGMENT_MIN SIGN BITCAST BITWISE_XOR RIGHT_SHIFT STABLEHLO_LOGISTIC STABLEHLO_ADD STABLEHLO_DIVIDE ' +
  'STABLEHLO_MULTIPLY STABLEHLO_MAXIMUM STABLEHLO_RESHAPE STABLEHLO_CLAMP STABLEHLO_CONCATENATE STABLEHLO_BROADCAST_IN_DIM STABLEHLO_CONVOLUTION ' +
  'STABLEHLO_SLICE STABLEHLO_CUSTOM_CALL STABLEHLO_REDUCE STABLEHLO_ABS STABLEHLO_AND STABLEHLO_COSINE STABLEHLO_EXPONENTIAL STABLEHLO_FLOOR ' +
  'STABLEHLO_LOG STABLEHLO_MINIMUM STABLEHLO_NEGATE STABLEHLO_OR STABLEHLO_POWER STABLEHLO_REMAINDER STABLEHLO_RSQRT STABLEHLO_SELECT ' +
  'STABLEHLO_SUBTRACT STABLEHLO_TANH STABLEHLO_SCATTER STABLEHLO_COMPARE STABLEHLO_CONVERT STABLEHLO_DYNAMIC_SLICE STABLEHLO_DYNAMIC_UPDATE_SLICE ' +
  'STABLEHLO_PAD STABLEHLO_IOTA STABLEHLO_DOT_GENERAL STABLEHLO_REDUCE_WINDOW STABLEHLO_SORT STABLEHLO_WHILE STABLEHLO_GATHER STABLEHLO_TRANSPOSE DILATE ' +
  'STABLEHLO_RNG_BIT_GENERATOR REDUCE_WINDOW STABLEHLO_COMPOSITE COMPLEX'
).split(' ');

/** `TensorType` of the schema, in the order of its numbers from 0. */
export const TENSOR_TYPES: readonly string[] =
  'FLOAT32 FLOAT16 INT32 UINT8 INT64 STRING BOOL INT16 COMPLEX64 INT8 FLOAT64 COMPLEX128 UINT64 RESOURCE VARIANT UINT32 UINT16 INT4 BFLOAT16'.split(
    ' ',
  );

/** `ActivationFunctionType` of the schema by number: the operator that follows, none for 0. */
export const ACTIVATIONS: readonly string[] = ['', 'relu', 'clip', 'relu6', 'tanh', 'sign'];
