using System.Text;

namespace Chasqui.Tests.Fuzzing;

/// <summary>JSON, or nearly, that no correct client sends.</summary>
internal static class OddJson
{
    /// <summary>Values that are no text, no id, or none that .NET reads without care.</summary>
    public static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1.5", "1e400", "-1e400", "1E-400", "9223372036854775807", "9223372036854775808",
        "-9223372036854775809", "99999999999999999999999999999999", "\"\"", "\" \"", "[]", "{}", "[[]]", "{\"a\":{\"a\":1}}", "[1,\"a\",null]",
        "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"a\\udfffb\"", "\"\\u202e\"", "\"\uFEFF\"", "\"user:x\"", "\"conv:\"", "\"conv:conv:\"",
        "\"00000000-0000-0000-0000-000000000000\"", "\"conv:00000000-0000-0000-0000-000000000000\"", "\"type\"", "\"ping\"", "\"message\"",
        $"\"{new string('x', 65)}\"", $"\"{new string('9', 5000)}\"", new string('9', 2000),
    ];

    /// <summary>Lone halves of surrogate pairs, escaped: valid JSON, and no text.</summary>
    public static readonly string[] LoneSurrogates = ["\\ud800", "\\udfff", "\\udc00\\ud800", "x\\ud83d", "\\ud83dx", "\\ud83d\\ud83d\\ude00\\ude00"];

    /// <summary>Nested so deep; half of them are never closed.</summary>
    public static string Deep(Random random, int depth)
    {
        var text = new StringBuilder();
        var arrays = random.Next(2) == 0;
        for (var i = 0; i < depth; i++)
        {
            text.Append(arrays ? "[" : "{\"a\":");
        }

        if (random.Next(2) == 0)
        {
            text.Append('1').Append(arrays ? ']' : '}', depth);
        }

        return text.ToString();
    }

    /// <summary>Random characters of every script, and half of the time pieces of JSON.</summary>
    public static string Text(Random random)
    {
        var text = new StringBuilder();
        var isSoup = random.Next(2) == 0;
        for (var length = random.Next(60); length > 0; length--)
        {
            if (isSoup)
            {
                text.Append(random.Next(3) == 0 ? Values[random.Next(Values.Length)] : "{}[]\",: \n\\tfn0"[random.Next(14)].ToString());
            }
            else
            {
                var scalar = random.Next(0x10F800);
                text.Append(new Rune(scalar < 0xD800 ? scalar : scalar + 0x800));
            }
        }

        return text.ToString();
    }

    /// <summary>An object of these fields, with something done to it: values swapped or replaced, keys left out or doubled.</summary>
    public static string Object(Random random, params (string Name, string Value)[] fields)
    {
        var list = fields.ToList();
        for (var changes = random.Next(1, 4); changes > 0 && list.Count > 0; changes--)
        {
            var (i, j) = (random.Next(list.Count), random.Next(list.Count));
            switch (random.Next(6))
            {
                case 0:
                    (list[i], list[j]) = ((list[i].Name, list[j].Value), (list[j].Name, list[i].Value));
                    break;
                case 1:
                    list.RemoveAt(i);
                    break;
                case 2:
                    list.Insert(j, list[i]);
                    break;
                case 3:
                    list.Insert(j, ("extra", Values[random.Next(Values.Length)]));
                    break;
                default:
                    list[i] = (list[i].Name, Values[random.Next(Values.Length)]);
                    break;
            }
        }

        return Plain([.. list]);
    }

    public static string Plain(params (string Name, string Value)[] fields) =>
        "{" + string.Join(',', fields.Select(field => $"\"{field.Name}\":{field.Value}")) + "}";
}
