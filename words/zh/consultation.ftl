consultation-channel = 没有渠道「{ CHANNEL($channel) }」
consultation-extension = 共 { $days } 天，最多一年
consultation-posted = 没有任何渠道的发布凭证
consultation-text = 设计文本第 { $version } 版尚未提交
consultation-window = 征询期到 { $until } 止
consultation-window-provisional = 征询期暂计到 { $until } 止：{ $year } 年的放假安排尚未录入，请办公室录入，或确认期限
opinion-disposition = { $waiting } 条意见未处理
