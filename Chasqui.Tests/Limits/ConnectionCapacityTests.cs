using Chasqui.Server.Configuration;
using Chasqui.Server.Limits;

namespace Chasqui.Tests.Limits;

public sealed class ConnectionCapacityTests
{
    [Theory]
    [InlineData(25_500, 20_000, 25_000, 12_500)]
    [InlineData(int.MaxValue, 20_000, 25_000, 12_500)]
    [InlineData(25_499, 20_000, 24_999, 12_500)]
    [InlineData(1024, 420, 524, 393)]
    [InlineData(600, 80, 100, 75)]
    public void ConnectionCapacityIsWhatOpenFilesAllow(int files, int chat, int tcp, int perAddress) =>
        Assert.Equal(new ConnectionCapacity(chat, tcp, perAddress), ConnectionCapacity.Of(new LimitOptions(), files));

    [Fact]
    public void SettingsBelowCapacityAreKept() => Assert.Equal(
        new ConnectionCapacity(50, 524, 20),
        ConnectionCapacity.Of(new LimitOptions { MaxConnections = 50, MaxConnectionsPerAddress = 20 }, 1024));

    [Fact]
    public void TooFewOpenFilesPreventStart()
    {
        var refused = Assert.Throws<StartupException>(() => ConnectionCapacity.Of(new LimitOptions(), 599));

        Assert.Contains("LimitNOFILE=25500", refused.Message, StringComparison.Ordinal);
    }
}
