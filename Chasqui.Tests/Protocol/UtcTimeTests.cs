using System.Text.Json;
using Chasqui.Protocol.Json;

namespace Chasqui.Tests.Protocol;

public sealed class UtcTimeTests
{
    [Theory]
    [InlineData("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z")]
    [InlineData("2026-01-02T03:04:05.6789Z", "2026-01-02T03:04:05.678Z")]
    [InlineData("2026-01-02T03:04:05.120+02:00", "2026-01-02T01:04:05.120Z")]
    [InlineData("2025-12-31T23:59:59.999-05:00", "2026-01-01T04:59:59.999Z")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z")]
    public void ATimeIsWrittenInUTCWithMilliseconds(string read, string written)
    {
        var time = JsonSerializer.Deserialize<DateTimeOffset>($"\"{read}\"", ChatJson.Options);

        Assert.Equal(TimeSpan.Zero, time.Offset);
        Assert.Equal($"\"{written}\"", JsonSerializer.Serialize(time, ChatJson.Options));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("\"\"")]
    [InlineData("\"yesterday\"")]
    public void InvalidTimeIsRefused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<DateTimeOffset>(json, ChatJson.Options));
}
