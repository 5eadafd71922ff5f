"""Forms of public notices: what is written beside what is said, and names and words beside their syllables.

The sentences are our own; the forms are those of notices, tickets, plates and signs.
"""

from __future__ import annotations

import pytest

from synthesis.text import make_script

SAID = """
地址：幸福小区5-301 | 地址：幸福小区五杠三零幺
住在3号楼2-501 | 住在三号楼二杠五零幺
5#楼1单元 | 五号楼一单元
中国队3-1战胜日本队 | 中国队三比一战胜日本队
中国1-2 | 中国一比二
比例为3:7 | 比例为三比七
2:1获胜 | 二比一获胜
Ⅲ级 | 三级
第Ⅳ类 | 第四类
zhangsan@gov.cn | zhangsan艾特gov点cn
请访问https://www.jinan.gov.cn/zwfw/index.html查询 | 请访问www点jinan点gov点cn斜杠zwfw斜杠index点html查询
α、β | 阿尔法、贝塔
3h30min | 三小时三十分钟
2小时30分 | 两小时三十分
1′30″ | 一分三十秒
1h | 一小时
G2次列车 | G二次列车
D6001次 | D六零零幺次
CA1234航班 | CA幺二三四航班
MU5101 | MU五幺零幺
BRT5号线 | BRT五号线
K1路 | K一路
鲁A·12345 | 鲁A幺二三四五
鲁AD12345 | 鲁AD幺二三四五
京A12345警 | 京A幺二三四五警
邮编250000 | 邮编二五零零零零
邮政编码：250101 | 邮政编码：二五零一零一
$3.5亿 | 三点五亿美元
500美元 | 五百美元
€1,200 | 一千二百欧元
JPY5000 | 五千日元
100日元 | 一百日元
10kg | 十千克
5L | 五升
3m³ | 三立方米
25mg/m³ | 二十五毫克每立方米
50%-60% | 百分之五十到百分之六十
8h/天 | 八小时每天
120/80mmHg | 一百二十杠八十毫米汞柱
pH7.0 | pH七点零
10:00-12:00 | 十点到十二点
鲁政发〔2025〕12号 | 鲁政发〔二零二五〕十二号
国发〔2023〕1号文件 | 国发〔二零二三〕一号文件
第三十二条 | 第三十二条
第32条第2款 | 第三十二条第二款
3.5万元 | 三点五万元
1.2亿 | 一点二亿
100万元以上 | 一百万元以上
B超 | B超
e政通 | e政通
APP | APP
ETC | ETC
VIP | VIP
CT | CT
OK | OK
email | email
online | online
WiFi | WiFi
Wi-Fi | Wi-Fi
4S店 | 四S店
U盘 | U盘
IC卡 | IC卡
SUV | SUV
GDP | GDP
PM10 | PM十
COVID-19 | COVID十九
HPV疫苗 | HPV疫苗
AED | AED
POS机 | POS机
KTV | KTV
12306 | 幺二三零六
O2O | OtoO
H7N9 | H七N九
i7 | i七
2斤 | 两斤
2号 | 二号
二〇二五年 | 二〇二五年
1+1 | 一加一
2-3天 | 两到三天
2~3次 | 两到三次
下午2:30 | 下午两点三十分
2时 | 二时
2点 | 两点
14时30分 | 十四时三十分
-3℃ | 零下三摄氏度
零下3℃ | 零下三摄氏度
10% | 百分之十
1‰ | 千分之一
1/3 | 三分之一
5.2 | 五点二
5.2青年节 | 五二青年节
5.1假期 | 五一假期
6.18大促 | 六一八大促
7*24小时 | 七乘二十四小时
7×24小时 | 七乘二十四小时
24h | 二十四小时
1.8米 | 一点八米
1米8 | 一米八
3块5 | 三块五
12块5 | 十二块五
0.5 | 零点五
0.05% | 百分之零点零五
-0.5% | 负百分之零点五
+5% | 正百分之五
1-6月 | 一到六月
2025.5.2 | 二零二五年五月二日
2025年1-6月 | 二零二五年一到六月
20250502 | 二零二五零五零二
2025/05 | 二零二五年五月
5/2 | 二分之五
95后 | 九五后
1号线 | 一号线
2号线 | 二号线
101路 | 幺零幺路
K101路 | K幺零幺路
B12路 | B十二路
G20高速 | G二十高速
G2京沪高速 | G二京沪高速
S29 | S二十九
309国道 | 三零九国道
3层 | 三层
12层 | 十二层
(一) | (一)
（1） | （一）
1、申请 | 一、申请
2.受理 | 二.受理
A4纸 | A四纸
A股 | A股
T恤 | T恤
3D打印 | 三D打印
110 | 幺幺零
119 | 幺幺九
120 | 幺二零
12345 | 幺二三四五
12345-1 | 幺二三四五转幺
0531-88888888转8001 | 零五三幺八八八八八八八八转八零零幺
010-12345678-123 | 零幺零幺二三四五六七八转幺二三
+86-531-12345678 | 八六五三幺幺二三四五六七八
021 6234 5678 | 零二幺六二三四五六七八
400 800 1234 | 四零零八零零幺二三四
身份证号370102199001011234 | 身份证号三七零幺零二幺九九零零幺零幺幺二三四
身份证尾号123X | 身份证尾号幺二三X
工单号2025050212345678 | 工单号二零二五零五零二幺二三四五六七八
QQ:12345678 | QQ:幺二三四五六七八
123,456.78 | 十二万三千四百五十六点七八
3½ | 三又二分之一
5㎡ | 五平方米
5km² | 五平方公里
100KM | 一百公里
36.5°C | 三十六点五摄氏度
北纬36°40′ | 北纬三十六度四十分
①② | 一、二、
❶ | 一、
㈠ | 一、
~5天 | 约五天
约5天 | 约五天
≥60岁 | 大于等于六十岁
<18岁 | 小于十八岁
60岁(含) | 六十岁(含)
C1驾照 | C一驾照
A2驾照 | A二驾照
20%以上 | 百分之二十以上
1:500 | 一比五百
1∶1000 | 一比一千
星期1 | 星期一
3.15晚会 | 三一五晚会
12·9运动 | 一二九运动
9·18事变 | 九一八事变
“5·12” | “五一二”
5·1 | 五一
3+1 | 三加一
一带1路 | 一带一路
2025财年 | 二零二五财年
21世纪 | 二十一世纪
80年代 | 八十年代
上世纪80年代 | 上世纪八十年代
十四五 | 十四五
1000余人 | 一千余人
3、4个 | 三四个
3—5年 | 三到五年
6000多 | 六千多
5到10 | 五到十
2025-2026学年 | 二零二五到二零二六学年
¥1,000.00元 | 一千元
人民币5000元 | 人民币五千元
5000元/月 | 五千元每月
3元/㎡ | 三元每平方米
0.5元/kWh | 零点五元每千瓦时
80km/h | 每小时八十公里
80公里/小时 | 八十公里每小时
3次/天 | 三次每天
1人1档 | 一人一档
根据鲁政办发〔2024〕18号文件 | 根据鲁政办发〔二零二四〕十八号文件
依照《条例》第三章第15条第2款第（3）项 | 依照《条例》第三章第十五条第二款第（三）项
办理时限为5个工作日 | 办理时限为五个工作日
自2025年6月1日起施行 | 自二零二五年六月一日起施行
有效期至2027年12月31日 | 有效期至二零二七年十二月三十一日
上午9:00—11:30 | 上午九点到十一点三十分
下午14:00-17:00 | 下午十四点到十七点
周一至周五8:30-12:00 | 周一至周五八点三十分到十二点
2025年第3季度 | 二零二五年第三季度
2025年上半年 | 二零二五年上半年
"十四五"规划 | "十四五"规划
近3年来 | 近三年来
2022-2024年度 | 二零二二到二零二四年度
第十四届全国人大 | 第十四届全国人大
1949年10月1日 | 一九四九年十月一日
2025年5月 | 二零二五年五月
05月02日 | 五月二日
5月2号 | 五月二号
3月8日妇女节 | 三月八日妇女节
每月15日前 | 每月十五日前
30日内 | 三十日内
7日24时 | 七日二十四时
凌晨0:30 | 凌晨零点三十分
23:59:59 | 二十三点五十九分五十九秒
零时 | 零时
8点整 | 八点整
19时30分许 | 十九时三十分许
2h | 两小时
45min | 四十五分钟
90s | 九十秒
1小时30分钟 | 一小时三十分钟
拨打0531-12345 | 拨打零五三幺幺二三四五
请拨打96123 | 请拨打九六幺二三
客服电话95588 | 客服电话九五五八八
投诉热线12315 | 投诉热线幺二三幺五
拨打12320咨询 | 拨打幺二三二零咨询
火警119 | 火警幺幺九
交通事故122 | 交通事故幺二二
联系电话：13812345678 | 联系电话：幺三八幺二三四五六七八
手机号138 1234 5678 | 手机号幺三八幺二三四五六七八
传真0531-66605678 | 传真零五三幺六六六零五六七八
办公电话：(0531)66605678 | 办公电话：零五三幺六六六零五六七八
区号0531 | 区号零五三幺
分机号8021 | 分机号八零二幺
验证码是908172 | 验证码是九零八幺七二
单号SF1234567890 | 单号SF幺二三四五六七八九零
订单编号202505020001 | 订单编号二零二五零五零二零零零一
统一社会信用代码91370100MA3C1234XX | 统一社会信用代码九幺三七零幺零零MA三C幺二三四XX
车牌号鲁A12345 | 车牌号鲁A幺二三四五
鲁B·6D789 | 鲁B六D七八九
京AF12345 | 京AF幺二三四五
粤Z1234港 | 粤Z幺二三四港
沪C·A1234 | 沪CA幺二三四
邮编:250014 | 邮编:二五零零一四
3栋2单元1201室 | 三栋二单元幺二零幺室
12号楼1单元 | 十二号楼一单元
阳光花园8-2-1102 | 阳光花园八杠二杠幺幺零二
鑫苑小区12-502 | 鑫苑小区十二杠五零二
济南市历下区经十路1号 | 济南市历下区经十路一号
A座1608室 | A座幺六零八室
解放路112号 | 解放路一百一十二号
二环东路3966号 | 二环东路三千九百六十六号
B1层 | B一层
-1层 | 负一层
负1层 | 负一层
2楼大厅5号窗口 | 二楼大厅五号窗口
G1次 | G一次
D335次列车 | D三三五次列车
K55路公交车 | K五十五路公交车
B52路 | B五十二路
快速公交BRT1号线 | 快速公交BRT一号线
地铁3号线 | 地铁三号线
CA1234次航班 | CA幺二三四次航班
G104国道 | G幺零四国道
S102省道 | S幺零二省道
京沪高速K342+500处 | 京沪高速K三四二加五百处
补贴标准为每人每月800元 | 补贴标准为每人每月八百元
最高不超过3万元 | 最高不超过三万元
500-1000元 | 五百到一千元
5万-10万元 | 五万到十万元
¥3,500.00 | 三千五百元
￥128 | 一百二十八元
人民币1.2亿元 | 人民币一点二亿元
300美元 | 三百美元
€50 | 五十欧元
£20 | 二十英镑
港币500元 | 港币五百元
10万日元 | 十万日元
1.5元/度 | 一点五元每度
0.55元/千瓦时 | 零点五五元每千瓦时
3.8元/m³ | 三点八元每立方米
每平方米18元 | 每平方米十八元
利率3.45% | 利率百分之三点四五
同比增长12.5% | 同比增长百分之十二点五
环比下降0.3% | 环比下降百分之零点三
占比为1/3 | 占比为三分之一
2/3以上 | 三分之二以上
三分之一 | 三分之一
0.8‰ | 千分之零点八
95%以上 | 百分之九十五以上
10%-20% | 百分之十到百分之二十
百分之五 | 百分之五
1:10000 | 一比一万
3比2 | 三比二
比分2:1 | 比分二比一
18~60周岁 | 十八到六十周岁
6-12岁 | 六到十二岁
≥18岁 | 大于等于十八岁
≤30% | 小于等于百分之三十
3—5个工作日 | 三到五个工作日
1至2级 | 一至二级
20多人 | 二十多人
10余户 | 十余户
上千人 | 上千人
12.5公里 | 十二点五公里
60km/h | 每小时六十公里
120公里/小时 | 一百二十公里每小时
25℃ | 二十五摄氏度
-8℃~3℃ | 零下八摄氏度到三摄氏度
35℃以上 | 三十五摄氏度以上
50mm | 五十毫米
100毫升 | 一百毫升
5kg | 五千克
2.5吨 | 二点五吨
1500kWh | 一千五百千瓦时
380伏 | 三百八十伏
50Hz | 五十赫兹
PM2.5浓度为35μg/m³ | PM二点五浓度为三十五微克每立方米
pH值7.2 | pH值七点二
噪声65dB | 噪声六十五分贝
100Mbps | 一百兆比特每秒
128GB | 一百二十八吉字节
1080P | 幺零八零P
第1名 | 第一名
第2次 | 第二次
第二批 | 第二批
二等奖 | 二等奖
2等奖 | 二等奖
1号 | 一号
2班 | 二班
3年级2班 | 三年级二班
2个人 | 两个人
2位 | 两位
2名工作人员 | 两名工作人员
2家单位 | 两家单位
2件事 | 两件事
22个 | 二十二个
102个 | 一百零二个
200户 | 两百户
2000年 | 二零零零年
2000人 | 两千人
2200元 | 两千二百元
2万2千元 | 两万两千元
12000元 | 一万两千元
1050元 | 一千零五十元
1005人 | 一千零五人
一二三 | 一二三
二〇二五年五月二日 | 二〇二五年五月二日
APP下载 | APP下载
登录www.12345.gov.cn | 登录www点一二三四五点gov点cn
邮箱abc123@163.com | 邮箱abc一二三艾特一六三点com
http://zwfw.sd.gov.cn | zwfw点sd点gov点cn
微信公众号"e政通" | 微信公众号"e政通"
5G基站 | 五G基站
4G网络 | 四G网络
B超检查 | B超检查
CT检查 | CT检查
MRI | MRI
X光 | X光
DNA | DNA
ICU | ICU
NBA | NBA
GDP增长5% | GDP增长百分之五
CPI | CPI
U型 | U型
A类 | A类
T3航站楼 | T三航站楼
3D | 三D
H5页面 | H五页面
Wi-Fi密码 | Wi-Fi密码
email地址 | email地址
online办理 | online办理
iPhone | iPhone
AI | AI
AI+政务 | AI加政务
互联网+政务服务 | 互联网加政务服务
C919 | C九幺九
GB/T 2260-2007 | GB杠T二二六零杠二零零七
ISO9001 | ISO九零零幺
Ⅰ级响应 | 一级响应
Ⅳ级 | 四级
IV级应急响应 | 四级应急响应
III期 | 三期
α系数 | 阿尔法系数
γ射线 | 伽马射线
①提交申请②审核③发证 | 一、提交申请二、审核三、发证
（一）总则 | （一）总则
1.申请人 | 一.申请人
(2)材料 | (二)材料
A、B、C三类 | A、B、C三类
和/或 | 和/或
是/否 | 是/否
男/女 | 男/女
5×8小时 | 五乘八小时
3+2 | 三加二
1+X证书 | 一加X证书
±5% | 正负百分之五
≈3.14 | 约等于三点一四
50%左右 | 百分之五十左右
3.8妇女节 | 三八妇女节
5.1劳动节 | 五一劳动节
10·1 | 十一
“3·15” | “三一五”
9.18 | 九点一八
双11 | 双十一
12·4宪法日 | 一二四宪法日
1米2 | 一米二
3块5毛 | 三块五毛
2斤半 | 两斤半
半小时 | 半小时
2.5小时 | 二点五小时
1刻钟 | 一刻钟
5分钟 | 五分钟
30秒 | 三十秒
2025届 | 二零二五届
00后 | 零零后
20世纪90年代 | 二十世纪九十年代
本世纪20年代 | 本世纪二十年代
前3名 | 前三名
0元 | 零元
0.5小时 | 零点五小时
007 | 零零七
001号 | 零零一号
第001号 | 第零零一号
No.12 | 第十二
№5 | 第五
"""

SYLLABLES = """
单女士您好 | shan4 nv3 shi4 nin2 hao3
请仇先生接听 | qing3 qiu2 xian1 sheng5 jie1 ting1
联系人：解志强 | lian2 xi4 ren2 xie4 zhi4 qiang2
市民任先生来电 | shi4 min2 ren2 xian1 sheng5 lai2 dian4
局长单志强介绍 | ju2 zhang3 shan4 zhi4 qiang2 jie4 shao4
我姓查 | wo3 xing4 zha1
曾先生与盖女士 | zeng1 xian1 sheng5 yu2 ge2 nv3 shi4
请区女士到3号窗口 | qing3 ou1 nv3 shi4 dao4 san1 hao4 chuang1 kou3
尉迟先生 | yu4 chi2 xian1 sheng5
翟师傅 | zhai2 shi1 fu4
牟平区 | mu4 ping2 qu1
芝罘区 | zhi1 fu2 qu1
单县 | shan4 xian4
莘县 | shen1 xian4
长清区 | chang2 qing1 qu1
长岛 | chang2 dao3
东阿县 | dong1 e1 xian4
莒县 | ju3 xian4
兖州区 | yan3 zhou1 qu1
临朐县 | lin2 qu2 xian4
临沂市 | lin2 yi2 shi4
鄄城县 | juan4 cheng2 xian4
茌平区 | chi2 ping2 qu1
曲阜市 | qu1 fu4 shi4
峄城区 | yi4 cheng2 qu1
乐陵市 | lao4 ling2 shi4
台儿庄区 | tai2 er2 zhuang1 qu1
济南市槐荫区 | ji3 nan2 shi4 huai2 yin4 qu1
六安市 | lu4 an1 shi4
亳州 | bo2 zhou1
蚌埠市 | beng4 bu4 shi4
涡阳县 | guo1 yang2 xian4
歙县 | she4 xian4
黟县 | yi1 xian4
台州市 | tai1 zhou1 shi4
天台县 | tian1 tai1 xian4
丽水市 | li2 shui3 shi4
乐清市 | yue4 qing1 shi4
鄞州区 | yin2 zhou1 qu1
嵊州市 | sheng4 zhou1 shi4
诸暨 | zhu1 ji4
铅山县 | yan2 shan1 xian4
婺源 | wu4 yuan2
番禺区 | pan1 yu2 qu1
东莞市 | dong1 guan3 shi4
大埔县 | da4 bu4 xian4
洪洞县 | hong2 tong2 xian4
繁峙县 | fan2 shi4 xian4
隰县 | xi2 xian4
应县 | ying4 xian4
蔚县 | yu4 xian4
井陉县 | jing3 xing2 xian4
乐亭县 | lao4 ting2 xian4
渑池县 | mian3 chi2 xian4
浚县 | xun4 xian4
郏县 | jia2 xian4
泌阳县 | bi4 yang2 xian4
长垣市 | chang2 yuan2 shi4
黄陂区 | huang2 pi2 qu1
秭归县 | zi3 gui1 xian4
郴州 | chen1 zhou1
耒阳 | lei3 yang2
犍为县 | qian2 wei2 xian4
郫都区 | pi2 du1 qu1
邛崃 | qiong2 lai2
珙县 | gong3 xian4
荥经县 | ying2 jing1 xian4
荥阳市 | xing2 yang2 shi4
吴堡县 | wu2 bu3 xian4
柞水县 | zha4 shui3 xian4
华阴市 | hua4 yin1 shi4
宕昌县 | tan4 chang1 xian4
阿拉尔市 | a1 la1 er3 shi4
喀什 | ka1 shi2
尉犁县 | yu4 li2 xian4
莎车县 | sha1 che1 xian4
和田 | he2 tian2
呼和浩特 | hu1 he2 hao4 te4
巴彦淖尔 | ba1 yan4 nao4 er3
盱眙县 | xu1 yi2 xian4
邳州 | pi1 zhou1
甪直 | lu4 zhi2
浒墅关 | xu3 shu4 guan1
瓮安 | weng4 an1
会理市 | hui4 li3 shi4
百色 | bai3 se4
儋州 | dan1 zhou1
行政许可 | xing2 zheng4 xu2 ke3
银行行长 | yin2 hang2 hang2 zhang3
重新调整 | chong2 xin1 tiao2 zheng3
重庆市长 | chong2 qing4 shi4 zhang3
重大事项 | zhong4 da4 shi4 xiang4
长者食堂 | zhang2 zhe3 shi2 tang2
人民调解 | ren2 min2 tiao2 jie3
调研报告 | diao4 yan2 bao4 gao4
处长处理 | chu4 zhang3 chu2 li3
着力解决 | zhuo2 li4 jie3 jue2
的确如此 | di2 que4 ru2 ci3
为人民服务 | wei4 ren2 min2 fu2 wu4
因为下雨 | yin1 wei4 xia4 yu3
供给侧 | gong1 ji3 ce4
给予补贴 | ji2 yu2 bu3 tie1
依法纳税 | yi1 fa3 na4 shui4
参差不齐 | cen1 ci1 bu4 qi2
参与者 | can1 yu4 zhe3
人参 | ren2 shen1
差旅费 | chai1 lv3 fei4
应急预案 | ying4 ji2 yu4 an4
应当办理 | ying1 dang1 ban4 li3
应届毕业生 | ying1 jie4 bi4 ye4 sheng1
当事人 | dang1 shi4 ren2
适当调整 | shi4 dang4 tiao2 zheng3
结算 | jie2 suan4
放假 | fang4 jia4
会计师 | kuai4 ji4 shi1
便民服务 | bian4 min2 fu2 wu4
便宜 | pian2 yi5
西藏 | xi1 zang4
储藏室 | chu3 cang2 shi4
率先 | shuai4 xian1
办结率 | ban4 jie2 lv4
积累 | ji1 lei3
劳累 | lao2 lei4
模范 | mo2 fan4
模样 | mu2 yang4
号召 | hao4 zhao4
观众 | guan1 zhong4
还款 | huan2 kuan3
还有 | hai2 you3
间接 | jian4 jie1
时间 | shi2 jian1
落实 | luo4 shi2
角色 | jue2 se4
角度 | jiao3 du4
校对 | jiao4 dui4
宿舍 | su4 she4
尽快 | jin3 kuai4
尽力 | jin4 li4
强制 | qiang2 zhi4
勉强 | mian2 qiang3
称职 | chen4 zhi2
名称 | ming2 cheng1
供水 | gong1 shui3
供认 | gong4 ren4
兴办 | xing1 ban4
高兴 | gao1 xing4
部分 | bu4 fen5
成分 | cheng2 fen4
更新 | geng1 xin1
更加 | geng4 jia1
中奖 | zhong4 jiang3
接种疫苗 | jie1 zhong4 yi4 miao2
种类 | zhong3 lei4
发票 | fa1 piao4
理发 | li3 fa4
头发 | tou2 fa5
数量 | shu4 liang4
数一数 | shu3 yi5 shu3
质量 | zhi4 liang4
测量 | ce4 liang2
教育 | jiao4 yu4
教书 | jiao1 shu1
还是 | hai2 shi4
车载 | che1 zai4
记载 | ji4 zai3
转账 | zhuan3 zhang4
转盘 | zhuan4 pan2
占用 | zhan4 yong4
弹性 | tan2 xing4
卡片 | ka3 pian4
关卡 | guan1 qia3
没收 | mo4 shou1
没有 | mei2 you3
蒙受 | meng2 shou4
难民 | nan4 min2
困难 | kun4 nan2
铺设 | pu1 she4
店铺 | dian4 pu4
散步 | san4 bu4
散装 | san3 zhuang1
丧失 | sang4 shi1
少年 | shao4 nian2
少数 | shao3 shu4
似乎 | si4 hu1
似的 | shi4 de5
提供 | ti2 gong1
拓展 | tuo4 zhan3
相关 | xiang1 guan1
相片 | xiang4 pian4
鲜明 | xian1 ming2
朝鲜 | chao2 xian3
血压 | xue4 ya1
着火 | zhao2 huo3
着装 | zhuo2 zhuang1
爆炸 | bao4 zha4
选择 | xuan3 ze2
症状 | zheng4 zhuang4
只有 | zhi2 you3
一只 | yi4 zhi1
停车场 | ting2 che1 chang3
处暑 | chu2 shu3
開會 | kai1 hui4
銀行 | yin2 hang2
請問 | qing3 wen4
單位 | dan1 wei4
長者 | zhang2 zhe3
發展 | fa1 zhan3
為您服務 | wei4 nin2 fu2 wu4
醫療保險 | yi1 liao2 bao2 xian3
辦理業務 | ban4 li3 ye4 wu4
"""


def rows(table: str) -> list[tuple[str, ...]]:
    return [tuple(row.split(" | ")) for row in table.strip().splitlines()]


@pytest.mark.parametrize(("written", "said"), rows(SAID))
def test_written_and_said(written: str, said: str) -> None:
    assert make_script(written).normalized == said


@pytest.mark.parametrize(("written", "syllables"), rows(SYLLABLES))
def test_written_and_syllables(written: str, syllables: str) -> None:
    assert " ".join(one.pinyin for one in make_script(written).syllables) == syllables


def test_the_table_is_long_and_has_no_row_twice() -> None:
    table = [*rows(SAID), *rows(SYLLABLES)]
    assert len(table) >= 400
    assert all(len(row) == 2 for row in table)
    assert len({row[0] for row in table}) == len(table)
