/** Small reports in the layouts of the tools; the numbers are made up and agree with each other. */

export const CSYNTH_XML = `<profile>
<ReportVersion>
<Version>2020.1</Version>
</ReportVersion>
<UserAssignments>
<unit>ns</unit>
<Part>xc7z020-clg400-1</Part>
<TopModelName>top</TopModelName>
<TargetClockPeriod>5.00</TargetClockPeriod>
</UserAssignments>
<PerformanceEstimates>
<SummaryOfTimingAnalysis>
<unit>ns</unit>
<EstimatedClockPeriod>4.049</EstimatedClockPeriod>
</SummaryOfTimingAnalysis>
<SummaryOfOverallLatency>
<Best-caseLatency>10</Best-caseLatency>
<Worst-caseLatency>12</Worst-caseLatency>
<Best-caseRealTimeLatency>50.000 ns</Best-caseRealTimeLatency>
<Worst-caseRealTimeLatency>60.000 ns</Worst-caseRealTimeLatency>
<Interval-min>8</Interval-min>
<Interval-max>9</Interval-max>
</SummaryOfOverallLatency>
</PerformanceEstimates>
<AreaEstimates>
<Resources>
<BRAM_18K>3</BRAM_18K>
<DSP48E>73</DSP48E>
<FF>7969</FF>
<LUT>2532</LUT>
<URAM>0</URAM>
</Resources>
<AvailableResources>
<BRAM_18K>280</BRAM_18K>
<DSP48E>220</DSP48E>
<FF>106400</FF>
<LUT>53200</LUT>
<URAM>0</URAM>
</AvailableResources>
</AreaEstimates>
<InterfaceSummary>
</InterfaceSummary>
</profile>
`;

/** Vivado HLS 2018: no units in the timing table, latency in cycles only, no URAM. */
export const CSYNTH_RPT_2018 = `

================================================================
== Vivado HLS Report for 'top'
================================================================
* Date:           Thu Jan 01 00:00:00 2018

* Version:        2018.2 (Build 2258646 on Thu Jun 14 20:25:20 MDT 2018)
* Project:        prj
* Solution:       solution1
* Product family: zynq
* Target device:  xc7z020clg400-1


================================================================
== Performance Estimates
================================================================
+ Timing (ns): 
    * Summary: 
    +--------+-------+----------+------------+
    |  Clock | Target| Estimated| Uncertainty|
    +--------+-------+----------+------------+
    |ap_clk  |   5.00|     4.371|        0.62|
    +--------+-------+----------+------------+

+ Latency (clock cycles): 
    * Summary: 
    +-----+-----+-----+-----+----------+
    |  Latency  |  Interval | Pipeline |
    | min | max | min | max |   Type   |
    +-----+-----+-----+-----+----------+
    |   10|   11|    1|    2| function |
    +-----+-----+-----+-----+----------+

    + Detail: 
        * Instance: 
        +----------+--------+-----+-----+-----+-----+---------+
        |          |        |  Latency  |  Interval | Pipeline|
        | Instance | Module | min | max | min | max |   Type  |
        +----------+--------+-----+-----+-----+-----+---------+
        |a_U0      |a       |    3|    4|    1|    1|   none  |
        |b_U0      |b       |    ?|    ?|    ?|    ?|   none  |
        +----------+--------+-----+-----+-----+-----+---------+

        * Loop: 
        N/A



================================================================
== Utilization Estimates
================================================================
* Summary: 
+-----------------+---------+-------+--------+-------+
|       Name      | BRAM_18K| DSP48E|   FF   |  LUT  |
+-----------------+---------+-------+--------+-------+
|DSP              |        -|      -|       -|      -|
|Expression       |        -|      2|       0|      5|
|FIFO             |        -|      -|       -|      -|
|Instance         |        4|     70|    1000|   2000|
|Memory           |        -|      -|       -|      -|
|Multiplexer      |        -|      -|       -|     27|
|Register         |        -|      -|      19|      -|
+-----------------+---------+-------+--------+-------+
|Total            |        4|     72|    1019|   2032|
+-----------------+---------+-------+--------+-------+
|Available        |      280|    220|  106400|  53200|
+-----------------+---------+-------+--------+-------+
|Utilization (%)  |        1|     32|      ~0|      3|
+-----------------+---------+-------+--------+-------+

+ Detail: 
    * Instance: 
    +----------+--------+---------+-------+------+------+
    | Instance | Module | BRAM_18K| DSP48E|  FF  |  LUT |
    +----------+--------+---------+-------+------+------+
    |a_U0      |a       |        4|     60|   600|  1500|
    |b_U0      |b       |        0|     10|   400|   500|
    +----------+--------+---------+-------+------+------+
    |Total     |        |        4|     70|  1000|  2000|
    +----------+--------+---------+-------+------+------+

================================================================
== Interface
================================================================
* Summary: 
+-----------+-----+
| RTL Ports | Bits|
+-----------+-----+
|ap_clk     |    1|
+-----------+-----+
`;

const VIVADO_HEAD = (command: string, state: string) => `Copyright 1986-2022 Xilinx, Inc. All Rights Reserved.
---------------------------------------------------------------
| Tool Version : Vivado v.2022.2 (lin64) Build 3671981
| Command      : ${command}
| Design       : top
| Device       : xczu9eg-ffvb1156-2-e
${state ? `| Design State : ${state}\n` : ''}---------------------------------------------------------------
`;

/** After placement and routing, with the column that came in 2021. */
export const UTILIZATION = (state = 'Routed') =>
  `${VIVADO_HEAD('report_utilization -file u.rpt', state)}
Utilization Design Information

Table of Contents
-----------------
1. CLB Logic
2. BLOCKRAM
3. ARITHMETIC

1. CLB Logic
------------

+-----------------------+------+-------+------------+-----------+-------+
|       Site Type       | Used | Fixed | Prohibited | Available | Util% |
+-----------------------+------+-------+------------+-----------+-------+
| CLB LUTs              | 2740 |     0 |          0 |    274080 |  1.00 |
|   LUT as Logic        | 2700 |     0 |          0 |    274080 |  0.99 |
|   LUT as Memory       |   40 |     0 |          0 |    144000 |  0.03 |
| CLB Registers         | 5000 |     0 |          0 |    548160 |  0.91 |
|   Register as FF      | 5000 |     0 |          0 |    548160 |  0.91 |
|   Register as Latch   |    0 |     0 |          0 |    548160 |  0.00 |
+-----------------------+------+-------+------------+-----------+-------+


2. BLOCKRAM
-----------

+-------------------+------+-------+------------+-----------+-------+
|     Site Type     | Used | Fixed | Prohibited | Available | Util% |
+-------------------+------+-------+------------+-----------+-------+
| Block RAM Tile    |  7.5 |     0 |          0 |       912 |  0.82 |
|   RAMB36/FIFO*    |    5 |     0 |          0 |       912 |  0.55 |
|   RAMB18          |    5 |     0 |          0 |      1824 |  0.27 |
+-------------------+------+-------+------------+-----------+-------+


3. ARITHMETIC
-------------

+----------------+------+-------+------------+-----------+-------+
|    Site Type   | Used | Fixed | Prohibited | Available | Util% |
+----------------+------+-------+------------+-----------+-------+
| DSPs           |   66 |     0 |          0 |      2520 |  2.62 |
|   DSP48E2 only |   66 |       |            |           |       |
+----------------+------+-------+------------+-----------+-------+

`;

export const TIMING = `${VIVADO_HEAD('report_timing_summary -file t.rpt', 'Routed')}
Timing Summary Report

------------------------------------------------------------------------------------------------
| Design Timing Summary
| ---------------------
------------------------------------------------------------------------------------------------

    WNS(ns)      TNS(ns)  TNS Failing Endpoints  TNS Total Endpoints  
    -------      -------  ---------------------  -------------------  
     -0.125       -3.500                     42                55542  


Timing constraints are not met.


------------------------------------------------------------------------------------------------
| Clock Summary
| -------------
------------------------------------------------------------------------------------------------

Clock   Waveform(ns)         Period(ns)      Frequency(MHz)
-----   ------------         ----------      --------------
ap_clk  {0.000 1.667}        3.333           300.030         


------------------------------------------------------------------------------------------------
| Intra Clock Table
| -----------------
------------------------------------------------------------------------------------------------

Clock             WNS(ns)      TNS(ns)  TNS Failing Endpoints  TNS Total Endpoints  
-----             -------      -------  ---------------------  -------------------  
ap_clk             -0.125       -3.500                     42                55542  


------------------------------------------------------------------------------------------------
| Timing Details
| --------------
------------------------------------------------------------------------------------------------


---------------------------------------------------------------------------------------------------
From Clock:  ap_clk
  To Clock:  ap_clk

Setup :           40  Failing Endpoints,  Worst Slack       -0.125ns,  Total Violation       -3.500ns
Hold  :            0  Failing Endpoints,  Worst Slack        0.010ns,  Total Violation        0.000ns
PW    :            0  Failing Endpoints,  Worst Slack        1.100ns,  Total Violation        0.000ns
---------------------------------------------------------------------------------------------------


Max Delay Paths
--------------------------------------------------------------------------------------
Slack (VIOLATED) :        -0.125ns  (required time - arrival time)
  Source:                 a_reg/C

                         slack                                 -0.125


Min Delay Paths
--------------------------------------------------------------------------------------
Slack (MET) :             0.010ns  (arrival time - required time)
  Source:                 b_reg/C

                         slack                                  0.010


Pulse Width Checks
--------------------------------------------------------------------------------------
Clock Name:         ap_clk

Check Type        Corner  Lib Pin  Reference Pin  Required(ns)  Actual(ns)  Slack(ns)  Location  Pin
Low Pulse Width   Slow    FDRE/C   n/a            0.275         1.666       1.391                a_reg/C
High Pulse Width  Slow    FDRE/C   n/a            0.275         1.666       1.391                a_reg/C
`;

export const PATHS = `${VIVADO_HEAD('report_timing -file t.rpt', 'Routed')}
Timing Report

Slack (MET) :             4.252ns  (required time - arrival time)
  Source:                 fsm/out_reg[1]/C
                            (rising edge-triggered cell FDRE clocked by clk  {rise@0.000ns fall@2.500ns period=5.000ns})
  Path Group:             clk
  Path Type:              Setup (Max at Slow Process Corner)
  Requirement:            5.000ns  (clk rise@5.000ns - clk rise@0.000ns)

                         required time                          4.947    
                         arrival time                          -0.695    
  -------------------------------------------------------------------
                         slack                                  4.252    

Slack (MET) :             4.500ns  (required time - arrival time)
  Source:                 fsm/out_reg[0]/C
                            (rising edge-triggered cell FDRE clocked by clk  {rise@0.000ns fall@2.500ns period=5.000ns})
  Path Group:             clk
  Path Type:              Setup (Max at Slow Process Corner)

                         slack                                  4.500    
`;

export const POWER = `${VIVADO_HEAD('report_power -file p.rpt', 'routed')}
Power Report

Table of Contents
-----------------
1. Summary
1.1 On-Chip Components
3.1 By Hierarchy

1. Summary
----------

+--------------------------+-------+
| Total On-Chip Power (W)  | 0.686 |
| Dynamic (W)              | 0.066 |
| Device Static (W)        | 0.620 |
| Confidence Level         | Low   |
+--------------------------+-------+


1.1 On-Chip Components
----------------------

+----------------+-----------+------+
| On-Chip        | Power (W) | Used |
+----------------+-----------+------+
| Clocks         |     0.020 |    3 |
| CLB Logic      |     0.046 |   24 |
|   LUT as Logic |     0.040 |    9 |
| DSPs           |    <0.001 |    1 |
| Static Power   |     0.620 |      |
| Total          |     0.686 |      |
+----------------+-----------+------+


3.1 By Hierarchy
----------------

+------+-----------+
| Name | Power (W) |
+------+-----------+
| top  |     0.066 |
+------+-----------+
`;

export const YOSYS = {
  creator: 'Yosys 0.23 (git sha1 7ce5011c24b)',
  invocation: 'stat -json ',
  modules: {
    '\\top': { num_cells: 10, num_cells_by_type: { IBUF: 7, mac: 3 } },
    '\\mac': { num_cells: 17, num_cells_by_type: { LUT6: 4, LUT2: 1, FDRE: 8, CARRY4: 1, DSP48E1: 1, RAMB36E1: 1, SRL16E: 1 } },
  },
};
