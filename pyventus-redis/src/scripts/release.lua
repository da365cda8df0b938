-- Hands leases back as they were; returns a text that has 1 for each that was held, and 0 for each other.
local answers = {}
for i = 2, #ARGV do
    local item = take(ARGV[i])
    if item then add_again(item) end
    answers[#answers + 1] = item and 1 or 0
end
return table.concat(answers)
